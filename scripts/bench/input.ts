import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { prepareText } from "../../lib/sentiment/prepare.ts";
import { listDataFiles } from "../../lib/streaming/sources/listing.ts";
import { cleanText } from "../../lib/tweets/mentions.ts";
import { generateTweets, type SampleTweet } from "../../lib/tweets/sample/generate.ts";
import { readSentiment140 } from "../../lib/tweets/sample/sentiment140.ts";
import { writeTweetFiles } from "../../lib/tweets/sample/write_files.ts";

/** How many tweets, in how many files. */
export interface InputSize {
  tweets: number;
  files: number;
}

/**
 * Writes a folder of small files for a benchmark.
 *
 * @param from Where the tweets come from: a folder of JSON files, or a CSV file in Sentiment140's
 *   layout. They are generated where there is none.
 * @returns The folder.
 */
export async function writeInput(
  folder: string,
  { tweets, files }: InputSize,
  from: string | undefined,
): Promise<string> {
  const source = join(folder, `source-${tweets}-${files}`);
  await writeTweetFiles({
    tweets: distinct(from === undefined ? generateTweets({ count: tweets }) : readTweets(from)),
    count: tweets,
    folder: source,
    files,
  });
  return source;
}

function readTweets(from: string): Iterable<SampleTweet> | AsyncIterable<SampleTweet> {
  return statSync(from).isDirectory() ? tweetsOf(from) : readSentiment140(from);
}

function* tweetsOf(folder: string): Generator<SampleTweet> {
  for (const file of listDataFiles(folder)) {
    for (const line of readFileSync(join(folder, file), "utf8").split("\n")) {
      if (line !== "") yield JSON.parse(line);
    }
  }
}

/** The tweets, with a number behind a text that has been there: none is won by scoring it once. */
async function* distinct(
  tweets: Iterable<SampleTweet> | AsyncIterable<SampleTweet>,
): AsyncGenerator<SampleTweet> {
  const seen = new Set<string>();
  for await (const tweet of tweets) {
    let { text } = tweet;
    for (let number = seen.size; seen.has(modelText(text)); number++) {
      text = `${tweet.text} ${number.toString(36)}`;
    }
    seen.add(modelText(text));
    yield { ...tweet, text };
  }
}

/** The text as the model sees it. */
function modelText(text: string): string {
  return prepareText(cleanText(text));
}
