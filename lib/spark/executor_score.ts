import { messageOf } from "../errors.ts";
import { openScorer } from "../sentiment/open_scorer.ts";
import type { Scorer } from "../sentiment/scorer.ts";
import type { Sentiment } from "../sentiment/sentiment.ts";

// Rows that are in memory at once; equal texts among them are scored once.
const chunkRows = 20_000;

/** What Spark's TRANSFORM takes for NULL. */
const none = "\\N";

/**
 * Scores texts with the project's own scorer; the model is loaded once, in one thread, as a task of
 * Spark has one core.
 *
 * @param lines Of each row, anything without a tab, then JSON `{"text":...}`, with a tab between.
 * @returns Of each row, that anything, label, score in percent and error, with tabs between. A text that
 *   cannot be scored has an error and nothing else; it does no other one harm.
 */
export async function* scoreTexts(
  lines: AsyncIterable<string>,
  model: string,
): AsyncGenerator<string> {
  let scorer: Scorer | undefined;
  try {
    for await (const chunk of chunksOf(lines, chunkRows)) {
      // A task without rows needs no model.
      scorer ??= await openScorer({ model, provider: "cpu", workers: 1, log: () => {} });
      yield* scoreChunk(scorer, chunk);
    }
  } finally {
    await scorer?.close();
  }
}

async function* scoreChunk(scorer: Scorer, chunk: string[]): AsyncGenerator<string> {
  const rows = chunk.map((line) => line.slice(0, line.lastIndexOf("\t")));
  const texts = chunk.map((line) => JSON.parse(line.slice(line.lastIndexOf("\t") + 1)).text);
  const sentiments = await scorer.score(texts).catch(() => oneByOne(scorer, texts));
  for (const [index, sentiment] of sentiments.entries()) {
    yield [rows[index], ...fieldsOf(sentiment)].join("\t");
  }
}

function fieldsOf(sentiment: Sentiment | Error): string[] {
  if (sentiment instanceof Error) return [none, none, sentiment.message.replace(/\s+/g, " ")];
  // Rounded as the embedded engine does.
  return [sentiment.label, String(Math.round(1e6 * sentiment.score) / 1e4), none];
}

/** Finds the text that cannot be scored; where none can, it is not the text's fault. */
async function oneByOne(scorer: Scorer, texts: string[]): Promise<(Sentiment | Error)[]> {
  const results: (Sentiment | Error)[] = [];
  for (const text of texts) {
    results.push(await scorer.score([text]).then(([only]) => only, (e) => new Error(messageOf(e))));
  }
  const failed = results.find((result) => result instanceof Error);
  if (failed && results.every((result) => result instanceof Error)) throw failed;
  return results;
}

async function* chunksOf(items: AsyncIterable<string>, size: number): AsyncGenerator<string[]> {
  let chunk: string[] = [];
  for await (const item of items) {
    if (chunk.push(item) < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
