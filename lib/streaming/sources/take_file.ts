import { isBeingWritten, isCutOff } from "./cut_off.ts";
import { type DataFile, isCorruptFile, readDataFile } from "./read_data_file.ts";

/** A file that cannot be unpacked. */
export interface CorruptFile {
  /** Why, for a person. */
  error: string;
}

/**
 * Reads a file, if it is one and its writer has finished.
 *
 * @param ignoreCorrupt Whether a file that cannot be unpacked is a result; it is an error otherwise.
 * @throws {BirdsongError} for a file that cannot be read.
 */
export function takeFile(
  path: string,
  ignoreCorrupt: boolean,
): DataFile | CorruptFile | "vanished" | "being written" {
  try {
    const file = readDataFile(path);
    if (!file) return "vanished";
    return isBeingWritten(path, isCutOff(file.text)) ? "being written" : file;
  } catch (error) {
    if (!isCorruptFile(error)) throw error;
    const { code } = error.cause as NodeJS.ErrnoException;
    if (isBeingWritten(path, code === "Z_BUF_ERROR")) return "being written";
    if (!ignoreCorrupt) throw error;
    return { error: error.message };
  }
}
