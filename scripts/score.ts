import process from "node:process";
import { BirdsongError } from "../lib/errors.ts";
import { findModel } from "../lib/sentiment/find_model.ts";
import { openScorer } from "../lib/sentiment/open_scorer.ts";
import { scoreCacheFolder } from "../lib/sentiment/score_cache.ts";
import { parameters } from "../lib/settings.ts";
import { cleanText } from "../lib/tweets/mentions.ts";
import { type Arguments, main, pathArgument } from "./command.ts";
import { modelArgument } from "./model_argument.ts";
import { providerArgument, providerNames } from "./provider_argument.ts";
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
    model: {
      value: "MODEL",
      help: "folder, models:/NAME@alias or owner/name of the hub (default: data/model)",
    },
    provider: { value: "P", help: `one of ${providerNames.join(", ")} (default: auto)` },
  },
  run: score,
});

async function score({ options }: Arguments): Promise<void> {
  const input = options.in === "-" ? "-" : pathArgument(options.in!);
  const output = options.out === "-" ? "-" : pathArgument(options.out!);
  const settings = parameters();
  const provider = options.provider ? providerArgument(options.provider) : settings.provider;
  // Reading everything once finds a mistake in the last line before the first one is scored.
  const total = input === "-" ? undefined : await count(readTweets(input));

  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort(new BirdsongError("stopped")));
  const target = await openTarget(output);
  try {
    const log = (line: string) => console.error(`score: ${line}`);
    const model = options.model === undefined ? settings.model : modelArgument(options.model);
    const found = await findModel({ ...settings, model, provider }, log);
    const cache = scoreCacheFolder(settings);
    const scorer = await openScorer({
      model: found.folder,
      name: found.name,
      provider,
      cache,
      log,
    });
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
