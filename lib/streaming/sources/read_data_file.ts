import { Buffer, constants } from "node:buffer";
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { BirdsongError, messageOf } from "../../errors.ts";

/** A file's content. */
export interface DataFile {
  text: string;
  /** Bytes on disk: packed, where the file is. */
  size: number;
  /** Lines that are no UTF-8, from 1; in `text` they have U+FFFD for what could not be read. */
  invalidLines: ReadonlySet<number>;
}

/**
 * Reads a file of UTF-8 text, unpacked where its name ends in `.gz`; undefined where there is no
 * file.
 *
 * @throws {BirdsongError} for a file that cannot be read, or not be unpacked; the latter can be told
 *   by {@linkcode isCorruptFile}.
 */
export function readDataFile(path: string): DataFile | undefined {
  let bytes;
  try {
    bytes = readBytes(path);
  } catch (error) {
    // It has vanished, or it is a folder whose name ends like a file's.
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "EISDIR") return undefined;
    throw unreadable(path, error, "Let this user read it, or move it out of the source folder.");
  }
  return decodeDataFile(path, bytes);
}

/** The same for a file's bytes, wherever they were read. */
export function decodeDataFile(path: string, bytes: Buffer): DataFile {
  const content = path.toLowerCase().endsWith(".gz") ? unpack(path, bytes) : bytes;
  let text;
  try {
    text = content.toString("utf8");
  } catch (error) {
    throw unreadable(path, error, "Split it into smaller files.");
  }
  return { text, size: bytes.length, invalidLines: invalidLines(text, content) };
}

// Larger than nearly all files; its content is that of the file read last.
const shared = Buffer.allocUnsafe(64 * 1024);

/** A file's content, which may be overwritten by the next call. */
function readBytes(path: string): Buffer {
  // Into one buffer, without asking for the size first: for small files a third faster.
  const file = openSync(path, "r");
  try {
    let length = 0;
    for (let read = -1; read !== 0 && length < shared.length; length += read) {
      read = readSync(file, shared, length, shared.length - length, null);
    }
    if (length < shared.length) return shared.subarray(0, length);
  } finally {
    closeSync(file);
  }
  return readFileSync(path);
}

/** Whether an error of {@linkcode readDataFile} is about a file's content, not the way to it. */
export function isCorruptFile(error: unknown): error is BirdsongError {
  return error instanceof BirdsongError && error.context.corrupt === true;
}

function unpack(path: string, bytes: Buffer): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: constants.MAX_STRING_LENGTH });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE") {
      throw unreadable(path, error, "Split it into smaller files.");
    }
    throw unreadable(
      path,
      error,
      "It is no whole gzip file: write it anew or move it out of the source folder, or pass over " +
        "such files with the option ignoreCorruptFiles.",
      true,
    );
  }
}

function unreadable(path: string, cause: unknown, advice: string, corrupt = false): BirdsongError {
  return new BirdsongError(`cannot read ${path}: ${messageOf(cause)}. ${advice}`, {
    cause,
    context: { file: path, corrupt },
  });
}

function invalidLines(text: string, content: Buffer): Set<number> {
  const invalid = new Set<number>();
  // Nearly always: what could not be decoded has left this character behind.
  if (!text.includes("\ufffd")) return invalid;
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for (let line = 1, start = 0; start <= content.length; line++) {
    const newline = content.indexOf(0x0a, start);
    const end = newline < 0 ? content.length : newline;
    try {
      decoder.decode(content.subarray(start, end));
    } catch {
      invalid.add(line);
    }
    start = end + 1;
  }
  return invalid;
}
