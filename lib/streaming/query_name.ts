import { BirdsongError } from "../errors.ts";

/**
 * Checks the name of a query, which its checkpoint is kept under.
 *
 * @throws {BirdsongError} when it is no name.
 */
export function checkQueryName(name: string): void {
  if (/^[A-Za-z][A-Za-z0-9_]*$/.test(name)) return;
  throw new BirdsongError(
    `a query name must be letters, digits and _, and begin with a letter, but is "${name}"`,
  );
}
