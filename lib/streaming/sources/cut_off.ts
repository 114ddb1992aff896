import { statSync } from "node:fs";

// A file that nobody has written to for so long is taken for finished, in milliseconds.
const settledAfter = 5000;

/**
 * Whether a file is probably still being written: its content is cut off, and it has changed within
 * the last seconds. Writers had better write under another name (`.x`, `_x`, `x.tmp`) and rename.
 *
 * @param isCutOff Whether its content is.
 */
export function isBeingWritten(path: string, isCutOff: boolean): boolean {
  if (!isCutOff) return false;
  const stats = statSync(path, { throwIfNoEntry: false });
  // In both directions: the clock of a file server may be ahead.
  return stats !== undefined && Math.abs(Date.now() - stats.mtimeMs) < settledAfter;
}

/**
 * Whether a text looks as if its writer had not come to the end: there is none yet, its last line has
 * no newline and is no JSON, or it begins an array or object that does not end.
 */
export function isCutOff(text: string): boolean {
  if (text === "") return true;
  const last = text.slice(text.lastIndexOf("\n") + 1).trim();
  const first = text.slice(0, text.indexOf("\n") + 1 || undefined).trim();
  const cut = last !== "" && !isJson(last);
  const open = (first.startsWith("[") || first === "{") && !isJson(first);
  return (cut || open) && !isJson(text.trim());
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
