import { BirdsongError } from "../../errors.ts";

const units = ["b", "k", "m", "g", "t"];

/**
 * A number of bytes from Spark's byte strings: `"10g"`, `"512 kb"`, `"100"`, or a number as it is.
 * A unit is 1024 of the one before it.
 *
 * @param name What the size is of, for the error.
 * @throws {BirdsongError} when it is no size of at least one byte.
 */
export function byteSize(name: string, size: number | string): number {
  const match = /^([1-9]\d*) *(?:(b)|([kmgt])b?)?$/i.exec(String(size).trim());
  const bytes = match ? Number(match[1]) * 1024 ** unitOf(match[2] ?? match[3]) : NaN;
  if (Number.isSafeInteger(bytes)) return bytes;
  throw new BirdsongError(
    `${name} must be a number of bytes, or one with a unit such as "100m" or "10g", but is ${size}`,
  );
}

function unitOf(letter = "b"): number {
  return units.indexOf(letter.toLowerCase());
}
