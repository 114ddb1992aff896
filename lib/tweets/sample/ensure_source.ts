import { existsSync, readdirSync, renameSync, rmdirSync, rmSync, statSync } from "node:fs";
import process from "node:process";
import { BirdsongError } from "../../errors.ts";
import { listDataFiles } from "../../streaming/sources/listing.ts";
import { settingDefinitions } from "../../settings.ts";
import { generateTweets } from "./generate.ts";
import { holdBackFifth } from "./held_back.ts";
import { writeTweetFiles } from "./write_files.ts";

/** What the sample input is: as many tweets, in as many files. */
export const sample = { tweets: 10_000, files: 2_500, seed: 1 };

/**
 * Sees to it that there is something to read: the default source gets the sample where it is absent
 * or empty. A folder of the person's own is only looked at.
 *
 * @returns What it found or did, for a person.
 * @throws {BirdsongError} when the person's own source is no folder, or one without JSON files.
 */
export async function ensureSource(source: string): Promise<string> {
  if (source === settingDefinitions.source.default) {
    return await makeSample(source)
      ? `made ${sample.tweets} sample tweets in ${source}`
      : `the sample tweets are in ${source}`;
  }
  const problem = problemWith(source);
  if (problem === undefined) return `the tweets are in ${source}`;
  throw new BirdsongError(
    `the source ${source} ${problem}: name a folder with JSON files of tweets (BIRDSONG_SOURCE or ` +
      "--source), or none to use generated ones",
    { context: { source } },
  );
}

function problemWith(source: string): string | undefined {
  const stats = statSync(source, { throwIfNoEntry: false });
  if (!stats) return "does not exist";
  if (!stats.isDirectory()) return "is not a folder";
  if (listDataFiles(source).length > 0) return undefined;
  return readdirSync(source).length === 0 ? "is empty" : "holds no file that ends in .json";
}

/**
 * Makes sample input where the folder is absent or empty: generated tweets, of whose files a fifth
 * is held back, to arrive while streams run.
 *
 * @param size How much. @default 10,000 tweets in 2,500 files
 * @returns Whether it made one.
 */
export async function makeSample(folder: string, size = sample): Promise<boolean> {
  if (isFilled(folder)) return false;
  // Made beside its place and moved there: a sample that was cut off would look like a whole one.
  // Each process makes its own: the first that is ready has made it.
  const unfinished = `${folder}.unfinished-${process.pid}`;
  rmSync(unfinished, { recursive: true, force: true });
  try {
    const tweets = generateTweets({ count: size.tweets, seed: size.seed });
    await writeTweetFiles({ tweets, count: size.tweets, folder: unfinished, files: size.files });
    holdBackFifth(unfinished);
    if (existsSync(folder)) rmdirSync(folder);
    renameSync(unfinished, folder);
    return true;
  } catch (error) {
    if (isFilled(folder)) return false;
    throw error;
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

function isFilled(folder: string): boolean {
  return existsSync(folder) && readdirSync(folder).length > 0;
}
