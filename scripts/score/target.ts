import { statSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
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
  const writing = <T>(action: Promise<T>): Promise<T> =>
    action.catch((cause) => {
      throw new BirdsongError(`cannot write ${output}: ${messageOf(cause)}`, { cause });
    });
  const file = await writing(open(path, "w"));
  return {
    write: (text) => writing(file.appendFile(text)),
    keep: async () => {
      await writing(file.close());
      if (!special) await writing(rename(path, output));
    },
    discard: async () => {
      await file.close();
      if (!special) await rm(path, { force: true });
    },
  };
}
