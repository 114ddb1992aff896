import { BirdsongError, type ErrorContext, messageOf } from "./errors.ts";

/**
 * Parses the text of a setting.
 *
 * @param where What the person calls it, such as its environment variable.
 * @param parse Its error, unless it is for a person already, says what the text must be.
 * @param context For programs, with the error.
 * @throws {BirdsongError} when the text is none of these.
 */
export function parseValue<T>(
  where: string,
  text: string,
  parse: (text: string) => T,
  context: ErrorContext = {},
): T {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof BirdsongError) throw error;
    throw new BirdsongError(`${where} must be ${messageOf(error)}, but is "${text}"`, { context });
  }
}
