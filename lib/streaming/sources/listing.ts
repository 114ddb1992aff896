import { opendirSync, readdirSync } from "node:fs";
import { join, sep } from "node:path";
import { BirdsongError, messageOf } from "../../errors.ts";

const dataFile = /\.(json|jsonl|ndjson)(\.gz)?$/i;

/**
 * The data files below a folder, as paths relative to it with `/`, in the order of their names.
 * Names that start with `.` or `_` are passed over, as Spark does: so files that are still being
 * written can be told from finished ones.
 *
 * @throws {BirdsongError} when the folder cannot be listed.
 */
export function listDataFiles(folder: string): string[] {
  let entries;
  try {
    entries = readdirSync(folder, { recursive: true, encoding: "utf8" });
  } catch (error) {
    throw cannotList(folder, error);
  }
  return entries
    .filter((path) => dataFile.test(path))
    .map((path) => sep === "/" ? path : path.replaceAll(sep, "/"))
    .filter((path) => !/(^|\/)[._]/.test(path))
    .sort();
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
  return join(folder, path);
}
