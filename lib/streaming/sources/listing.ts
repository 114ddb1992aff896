import { type Dirent, opendirSync } from "node:fs";
import { join } from "node:path";
import { BirdsongError, messageOf } from "../../errors.ts";

const dataFile = /\.(json|jsonl|ndjson)(\.gz)?$/i;

/**
 * The data files below a folder, as paths relative to it with `/`, in the order of their names.
 * Names that start with `.` or `_` are passed over, as Spark does: so files that are still being
 * written can be told from finished ones. Links to folders are not followed.
 *
 * @throws {BirdsongError} when the folder cannot be listed.
 */
export function listDataFiles(folder: string): string[] {
  const files: string[] = [];
  const prefixes = [""];
  try {
    // Grows on the way.
    for (const prefix of prefixes) {
      for (const entry of entriesOf(folder, prefix)) {
        const { name } = entry;
        if (name.startsWith(".") || name.startsWith("_")) continue;
        if (entry.isDirectory()) prefixes.push(`${prefix}${name}/`);
        else if (dataFile.test(name)) files.push(prefix + name);
      }
    }
  } catch (error) {
    throw cannotList(folder, error);
  }
  return files.sort();
}

/**
 * What is in the folder itself, or in one below it; nothing where that one has vanished. One by one:
 * twice as fast as `readdirSync`.
 */
function* entriesOf(folder: string, prefix: string): Generator<Dirent> {
  try {
    const directory = opendirSync(join(folder, prefix));
    for (let entry = directory.readSync(); entry; entry = directory.readSync()) yield entry;
    directory.closeSync();
  } catch (error) {
    if (prefix !== "" && (error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
}

/**
 * Checks that a folder can be listed, without listing it.
 *
 * @throws {BirdsongError} when it cannot.
 */
export function checkSourceFolder(folder: string): void {
  try {
    opendirSync(folder).closeSync();
  } catch (error) {
    throw cannotList(folder, error);
  }
}

function cannotList(folder: string, error: unknown): BirdsongError {
  return new BirdsongError(
    `cannot list the source folder ${folder}: ${messageOf(error)}. ` +
      "Check BIRDSONG_SOURCE (or --source), or make sample input with `deno task data`.",
    { cause: error, context: { folder } },
  );
}

/** The file of a listed path. */
export function dataFilePath(folder: string, path: string): string {
  // `join` would look at every part of the path again, for each of 100,000 files.
  return `${folder}/${path}`;
}
