import process from "node:process";
import { BirdsongError } from "./errors.ts";

/**
 * A token out of an environment variable, without the space or line break that a file ends with.
 *
 * @throws {BirdsongError} when no header can carry it; it is not repeated, as it would be in the
 *   error of `fetch`.
 */
export function tokenOf(variable: string): string | undefined {
  const token = process.env[variable]?.trim() || undefined;
  if (token === undefined || /^[\x20-\x7e]+$/.test(token)) return token;
  throw new BirdsongError(
    `${variable} must be a token of printable ASCII characters, in one line: set it anew`,
    { context: { variable } },
  );
}
