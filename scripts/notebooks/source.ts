import { readdirSync, renameSync, rmSync, statSync } from "node:fs";
import process from "node:process";
import { BirdsongError } from "../../lib/errors.ts";
import { projectPath } from "../../lib/paths.ts";
import { runChild, wasInterrupted } from "../child.ts";

const sampleTweets = 10_000;
const sampleFiles = 2_500;

/**
 * Sees to it that there is something to read. Without a source of the person's own, makes the sample
 * where its folder is absent or empty.
 *
 * @param source The folder in force.
 * @param origin What chose it, such as `--source`; undefined for the default.
 * @throws {BirdsongError} if the person's own source is no folder, or an empty one.
 */
export async function ensureSource(source: string, origin: string | undefined): Promise<void> {
  if (origin === undefined) {
    if (namesIn(source).length === 0) await makeSample(source);
    return;
  }
  const stats = statSync(source, { throwIfNoEntry: false });
  const problem = stats === undefined
    ? "does not exist"
    : !stats.isDirectory()
    ? "is not a folder"
    : namesIn(source).length === 0
    ? "is empty"
    : undefined;
  if (problem) {
    throw new BirdsongError(
      `The source ${source} ${problem} (set by ${origin}). Name a folder with JSON files of ` +
        "tweets, or none to use generated ones.",
      { context: { source } },
    );
  }
}

function namesIn(folder: string): string[] {
  const stats = statSync(folder, { throwIfNoEntry: false });
  return stats?.isDirectory() ? readdirSync(folder) : [];
}

async function makeSample(folder: string): Promise<void> {
  console.error(`Making the sample input: ${sampleTweets} tweets in ${folder}`);
  // Made beside its place and moved there: a sample that was cut off would look like a whole one.
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  const code = await runChild(process.execPath, [
    ...["run", "--allow-all", projectPath("scripts/data.ts"), "--out", unfinished],
    ...["--tweets", String(sampleTweets), "--files", String(sampleFiles)],
  ], { onLine: () => {} });
  if (code !== 0) {
    rmSync(unfinished, { recursive: true, force: true });
    const why = wasInterrupted(code) ? "it was interrupted" : `exit code ${code}`;
    throw new BirdsongError(`The sample input could not be made (${why})`);
  }
  rmSync(folder, { recursive: true, force: true });
  renameSync(unfinished, folder);
}
