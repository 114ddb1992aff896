import { BirdsongError, messageOf } from "./errors.ts";

/**
 * Runs an action that writes to a folder. An error of the file system becomes one for a person.
 *
 * @param what What is written there, for that person.
 * @throws {BirdsongError} when the disk is full, or the folder cannot be written to; any other error
 *   of the action as it is.
 */
export async function writingTo<T>(
  folder: string,
  what: string,
  action: () => Promise<T>,
): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (typeof code !== "string" || !/^E[A-Z]+$/.test(code)) throw cause;
    const advice = ["ENOSPC", "EDQUOT"].includes(code)
      ? "Make room on its disk"
      : "See that it is a folder that can be written to";
    throw new BirdsongError(
      `cannot write ${what} to ${folder}: ${messageOf(cause)}. ${advice}, then try again.`,
      { cause, context: { folder, code } },
    );
  }
}
