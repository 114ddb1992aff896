import process from "node:process";
import { projectPath } from "../lib/paths.ts";
import { generateTweets } from "../lib/tweets/sample/generate.ts";
import { readSentiment140 } from "../lib/tweets/sample/sentiment140.ts";
import { writeTweetFiles } from "../lib/tweets/sample/write_files.ts";
import {
  type Arguments,
  integerArgument,
  main,
  pathArgument,
  UsageError,
} from "./command/command.ts";

await main({
  name: "data",
  summary:
    "Writes tweets as many small JSON files, as the streams read them: generated ones, or the\n" +
    "first rows of a CSV file in Sentiment140's layout (polarity 0/2/4, id, date, query, user,\n" +
    "text). The folder appears when it is complete; one that holds other files is left alone.",
  options: {
    out: { value: "DIR", help: "folder to write (default: data/tweets)" },
    tweets: { value: "N", help: "how many tweets (default: 10000)" },
    files: { value: "F", help: "how many files (default: 2500)" },
    from: { value: "CSV", help: "take the tweets from this file instead of generating them" },
    seed: { value: "S", help: "which tweets are generated (default: 1)" },
  },
  run: writeData,
});

async function writeData({ options }: Arguments): Promise<void> {
  const folder = options.out === undefined ? projectPath("data/tweets") : pathArgument(options.out);
  const count = integerArgument("tweets", options.tweets ?? "10000");
  const files = integerArgument("files", options.files ?? "2500");
  if (files > count) {
    throw new UsageError(
      `--files ${files} is more than --tweets ${count}, but each file needs a tweet`,
    );
  }
  if (options.from !== undefined && options.seed !== undefined) {
    throw new UsageError("--seed is for generated tweets, and cannot be used with --from");
  }
  const seed = integerArgument("seed", options.seed ?? "1", 0);
  const tweets = options.from === undefined
    ? generateTweets({ count, seed })
    : readSentiment140(pathArgument(options.from));
  const { changed } = await writeTweetFiles({
    tweets: withProgress(tweets, count),
    count,
    folder,
    files,
  });
  const what = `${count} tweets in ${files} ${files === 1 ? "file" : "files"}`;
  console.log(changed ? `${what} written to ${folder}` : `${what} are already in ${folder}`);
}

/** The same tweets, with a count on standard error while it is a terminal. */
async function* withProgress<T>(
  tweets: Iterable<T> | AsyncIterable<T>,
  count: number,
): AsyncGenerator<T> {
  const isTerminal = process.stderr.isTTY;
  let [done, shown] = [0, performance.now()];
  try {
    for await (const tweet of tweets) {
      yield tweet;
      done++;
      if (!isTerminal || done % 100 !== 0 || performance.now() - shown < 200) continue;
      shown = performance.now();
      process.stderr.write(`\r\x1b[K${done} of ${count} tweets`);
    }
  } finally {
    if (isTerminal) process.stderr.write("\r\x1b[K");
  }
}
