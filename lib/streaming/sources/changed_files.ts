import { setImmediate as breathe } from "node:timers/promises";
import { fileSize } from "./file_size.ts";
import { dataFilePath } from "./listing.ts";

/** A file as it was when it was read. */
export interface ReadFile {
  /** Relative to its folder. */
  path: string;
  /** Bytes on disk; null where they were not noted. */
  size: number | null;
}

// Between two pauses, so that other streams and the stop button are heard.
const filesPerBreath = 500;

/**
 * Counts the files that have another size than when they were read, and names one on the console:
 * a file is read once, which should not be silent for one that has grown. Looks at every file, some
 * 6 µs each on a local disk. Files that are gone do not count.
 *
 * @param queryName Who has read them, for the console.
 */
export async function countChangedFiles(
  queryName: string,
  folder: string,
  files: readonly ReadFile[],
): Promise<number> {
  let count = 0;
  let example = "";
  for (const [index, { path, size }] of files.entries()) {
    if (index % filesPerBreath === 0) await breathe();
    const now = fileSize(dataFilePath(folder, path));
    if (size === null || now === undefined || now === size) continue;
    if (count++ === 0) example = `${JSON.stringify(path)} (${size} bytes then, ${now} now)`;
  }
  if (count > 0) {
    console.warn(
      `${queryName}: ${count === 1 ? "a file has" : `${count} files have`} changed since being ` +
        `read, such as ${example}. A file is read once: put new lines into new files, or clear the ` +
        "previous run to read all files again.",
    );
  }
  return count;
}
