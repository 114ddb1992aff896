import { existsSync, mkdtempSync, rmdirSync, statfsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { BirdsongError, messageOf } from "../errors.ts";

// Errors of the disk in the words of Node, DuckDB and SQLite, from the first word to the last: in
// between, other errors quote values, which may say anything.
const full = [
  /^(ENOSPC|EDQUOT): /,
  /^IO Error: .*: (No space left on device|Disk quota exceeded)$/s,
  /^(Invalid|TransactionContext) Error: .*: database or disk is full$/s,
  /^Out of Memory Error: .*'max_temp_directory_size'/s,
];
const readOnly = [/^EROFS: /, /^IO Error: .*: Read-only file system$/s];
const denied = [
  /^(EACCES|EPERM): /,
  /^IO Error: .*: (Permission denied|Operation not permitted)$/s,
];
/** SQLite's words for any of these. */
const unspecific = [
  /^(Invalid|TransactionContext) Error: .*: (disk I\/O error|unable to open database file|attempt to write a readonly database)$/s,
];

// SQLite needs some pages beside its file, of which a disk with less room does not take all.
const fullBelow = 1_000_000;

/**
 * Explains an error that comes from the disk of a lake: it is full, read-only, or someone else's.
 *
 * @param folder The lake's folder.
 * @returns undefined where the error has another reason.
 */
export function explainStorageError(error: unknown, folder: string): BirdsongError | undefined {
  if (error instanceof BirdsongError) return undefined;
  const text = messageOf(error);
  const explain = (reason: string): BirdsongError =>
    new BirdsongError(`${reason} (${text})`, { cause: error, context: { folder } });
  const says = (patterns: RegExp[]) => patterns.some((pattern) => pattern.test(text));
  const vague = says(unspecific);
  const free = freeBytes(folder);
  if (says(full) || (vague && free < fullBelow)) {
    const megabytes = (free / 1e6).toFixed(1);
    return explain(
      `the disk of ${folder} is full, with ${megabytes} MB free. Make room there, or ` +
        "name a folder on another disk (BIRDSONG_LAKE or --lake), then start again: what has been " +
        "committed is safe, and streams go on behind it.",
    );
  }
  const access = vague ? writeError(folder) : undefined;
  if (says(readOnly) || access === "EROFS") {
    return explain(
      `${folder} is read-only. Make it writable, or name another folder (BIRDSONG_LAKE or --lake), ` +
        "then start again: what has been committed is safe, and streams go on behind it.",
    );
  }
  if (
    (says(denied) && text.includes(folder)) || access === "EACCES" ||
    /readonly database$/.test(text)
  ) {
    return explain(
      `there is no permission to write to ${folder}. Run this as the folder's owner, or name ` +
        "another folder (BIRDSONG_LAKE or --lake).",
    );
  }
  const file = fileOnTheWay(folder);
  if (file === undefined) return undefined;
  return explain(
    `${file} is a file, so ${folder} cannot be a lake's folder: name another one ` +
      "(BIRDSONG_LAKE or --lake).",
  );
}

/** What the disk has left for the folder, or for the nearest one above it that is there. */
function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(nearest(folder));
  return bavail * bsize;
}

/** Why the folder cannot be written to, as the system calls it; undefined where it can. */
function writeError(folder: string): string | undefined {
  try {
    // Tried, because permissions alone say nothing of a read-only disk, nor anything to root.
    rmdirSync(mkdtempSync(join(nearest(folder), ".writable-")));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

/** The path itself or a part of it that is a file; undefined where there is none. */
function fileOnTheWay(folder: string): string | undefined {
  const path = nearest(folder);
  return statSync(path).isDirectory() ? undefined : path;
}

function nearest(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearest(dirname(path));
}
