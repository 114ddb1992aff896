import { statSync } from "node:fs";

/**
 * Bytes of a file on disk; undefined where there is none, or the way to it is blocked: who reads it
 * is told why.
 */
export function fileSize(path: string): number | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats?.isFile() ? stats.size : undefined;
  } catch {
    return undefined;
  }
}
