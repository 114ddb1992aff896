import { statSync } from "node:fs";

/**
 * Bytes of a file on disk; undefined where it is gone, or the way to it is blocked: who reads it is
 * told why.
 */
export function fileSize(path: string): number | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })?.size;
  } catch {
    return undefined;
  }
}
