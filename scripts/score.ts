import process from "node:process";
import { BirdsongError } from "../lib/errors.ts";
import { parameters } from "../lib/settings.ts";
import { cleanText } from "../lib/tweets/mentions.ts";
import { type Arguments, main, pathArgument } from "./command/command.ts";
import { modelOptions, modelSettings, openModelScorer } from "./command/model_scorer.ts";
import { Progress } from "./score/progress.ts";
import { openTarget } from "./score/target.ts";
import { readTweets, type Tweet } from "./score/tweet_lines.ts";

// Lines that are in memory at once; enough to share out well among the workers.
const chunkLines = 4096;

await main({
  name: "score",
  summary:
    "Scores JSON lines: every line of --in needs a string `text`; --out gets the same lines\n" +
    "plus label, score, negative, neutral and positive. Mentions are removed first, as the\n" +
    "pipeline does. A file appears only when all lines are scored.",
  options: {
    in: { value: "FILE", help: "JSON lines to score; - for standard input", required: true },
    out: { value: "FILE", help: "where to write; - for standard output", required: true },
    ...modelOptions,
  },
  run: score,
});

async function score({ options }: Arguments): Promise<void> {
  const input = options.in === "-" ? "-" : pathArgument(options.in!);
  const output = options.out === "-" ? "-" : pathArgument(options.out!);
  const settings = modelSettings(parameters(), options);
  // Reading everything once finds a mistake in the last line before the first one is scored.
  const total = input === "-" ? undefined : await count(readTweets(input));

  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort(new BirdsongError("stopped")));
  const target = await openTarget(output);
  try {
    const log = (line: string) => console.error(`score: ${line}`);
    const scorer = await openModelScorer(settings, log);
    const progress = new Progress(total);
    let done = 0;
    for await (const tweets of chunksOf(readTweets(input))) {
      const sentiments = await scorer.score(tweets.map(({ text }) => cleanText(text)), {
        signal: stop.signal,
        onProgress: (ready) => progress.show(done + ready),
      });
      done += tweets.length;
      const lines = tweets.map((tweet, i) => JSON.stringify({ ...tweet, ...sentiments[i] }) + "\n");
      await target.write(lines.join(""));
    }
    await scorer.close();
    await target.keep();
    const { provider: used, modelFile, workers } = scorer.describe();
    progress.end(done, `${modelFile} on ${used}, workers: ${workers}`);
  } catch (error) {
    await target.discard();
    throw error;
  }
}

async function count(items: AsyncIterable<unknown>): Promise<number> {
  let number = 0;
  for await (const _ of items) number++;
  return number;
}

async function* chunksOf(tweets: AsyncIterable<Tweet>): AsyncGenerator<Tweet[]> {
  let chunk: Tweet[] = [];
  for await (const tweet of tweets) {
    if (chunk.push(tweet) < chunkLines) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
