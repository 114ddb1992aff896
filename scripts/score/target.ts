import { statSync } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import process from "node:process";
import { BirdsongError, messageOf } from "../../lib/errors.ts";

/** Where a result goes: a file that appears when it is complete, a device, or standard output. */
export interface Target {
  write(text: string): Promise<void>;
  /** Ends the writing; the file appears. */
  keep(): Promise<void>;
  /** Ends the writing; the file does not appear, and one that was there before stays. */
  discard(): Promise<void>;
}

/** Opens a target; `-` is standard output. */
export async function openTarget(output: string): Promise<Target> {
  if (output === "-") {
    const write = (text: string) =>
      new Promise<void>((resolve, reject) =>
        process.stdout.write(text, (error) => error ? reject(error) : resolve())
      );
    return { write, keep: () => Promise.resolve(), discard: () => Promise.resolve() };
  }
  // A device or a pipe (/dev/null) is written to; a file put in its place would destroy it.
  const special = statSync(output, { throwIfNoEntry: false })?.isFile() === false;
  const path = special ? output : `${output}.${process.pid}.partial`;
  let file: FileHandle;
  try {
    file = await open(path, "w");
  } catch (error) {
    throw new BirdsongError(`cannot write ${output}: ${messageOf(error)}`, { cause: error });
  }
  return {
    write: (text) => file.appendFile(text),
    keep: async () => {
      await file.close();
      if (!special) await rename(path, output);
    },
    discard: async () => {
      await file.close();
      if (!special) await rm(path, { force: true });
    },
  };
}
