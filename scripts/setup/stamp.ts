import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";

/**
 * A digest of files' paths and contents. A step leaves it behind as its last act (its stamp), so that
 * a later setup sees what has changed since, or that the step was cut off.
 */
export function digestOf(files: string[]): string {
  const hash = createHash("sha256");
  for (const file of files) {
    hash.update(`${file}\0`).update(readFileSync(file)).update("\0");
  }
  return hash.digest("hex");
}

/** Whether `stampFile` holds `stamp`. */
export function isStamped(stampFile: string, stamp: string): boolean {
  return existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp;
}
