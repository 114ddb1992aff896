import { fileSize } from "./file_size.ts";

/** How much one batch takes of a folder, at most. */
export interface FileLimits {
  /** Files. */
  maxFilesPerTrigger?: number;
  /** Bytes on disk. The file that reaches the limit is the last one of the batch, and whole. */
  maxBytesPerTrigger?: number;
}

/**
 * How many of the files that wait one batch takes: up to the limit that is reached first, at least
 * one. Sizes are looked up for these only.
 *
 * @param pathOf The path of a file that waits.
 */
export function countWithin(
  limits: FileLimits,
  waiting: readonly string[],
  pathOf: (file: string) => string,
): number {
  const { maxFilesPerTrigger = Infinity, maxBytesPerTrigger = Infinity } = limits;
  const most = Math.min(waiting.length, maxFilesPerTrigger);
  if (maxBytesPerTrigger === Infinity) return most;
  let count = 0;
  for (let bytes = 0; count < most && bytes < maxBytesPerTrigger; count++) {
    bytes += fileSize(pathOf(waiting[count])) ?? 0;
  }
  return count;
}
