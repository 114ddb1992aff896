import { randomUUID } from "node:crypto";

/** A JSON number that JavaScript cannot hold, with its digits as they were written. */
export class ExactNumber {
  constructor(readonly digits: string) {}
}

// Stands for an exact number where JSON must be a text; nobody can have written it into a file.
const mark = `exact number ${randomUUID()} `;
const marked = new RegExp(`"${mark}([^"]*)"`, "g");

// An escaped backslash, or the backslash before half a surrogate pair.
const escapeOrHalf = /\\\\|\\(?=ud[89a-f])/g;

// Only a text with so many digits, or an exponent, is looked at more closely.
const suspect = /\d{16}|\d[eE][+-]?\d/;
const stringOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;

// Deeper ones can be read by `JSON.parse`, but not be written by `JSON.stringify`.
const maxDepth = 500;

/**
 * As `JSON.parse`, but no digit is lost: a number that JavaScript would round (an id beyond 2^53, or
 * 1e400) becomes an {@linkcode ExactNumber}.
 *
 * @throws {SyntaxError} when the text is no JSON, or nested deeper than 500 levels.
 */
export function parseExactly(text: string): unknown {
  if (isTooDeep(text)) throw new SyntaxError(`nested deeper than ${maxDepth} levels`);
  if (!suspect.test(text)) return JSON.parse(text);
  const value = JSON.parse(text);
  let found = false;
  const withMarks = text.replace(stringOrNumber, (token) => {
    if (token.startsWith('"') || isExact(token)) return token;
    found = true;
    return `"${mark}${token}"`;
  });
  if (!found) return value;
  return JSON.parse(
    withMarks,
    (_name, value) =>
      typeof value === "string" && value.startsWith(mark)
        ? new ExactNumber(value.slice(mark.length))
        : value,
  );
}

/**
 * As `JSON.stringify`, with the digits of every {@linkcode ExactNumber} as they were. Half a
 * surrogate pair, which DuckDB's JSON functions refuse, becomes the six characters of its escape:
 * `"\\ud83d"`.
 */
export function stringifyExactly(value: unknown): string {
  return JSON.stringify(
    value,
    (_name, value) => value instanceof ExactNumber ? mark + value.digits : value,
  ).replace(marked, "$1").replace(escapeOrHalf, (escape) => escape === "\\" ? "\\\\" : escape);
}

function isTooDeep(text: string): boolean {
  // Enough for most lines: what opens must close.
  if (text.length <= 2 * maxDepth) return false;
  let depth = 0;
  let inText = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (inText) {
      if (char === "\\") at++;
      else if (char === '"') inText = false;
    } else if (char === '"') inText = true;
    else if (char === "[" || char === "{") depth++;
    else if (char === "]" || char === "}") depth--;
    if (depth > maxDepth) return true;
  }
  return false;
}

function isExact(token: string): boolean {
  return sameDecimal(token, String(Number(token)));
}

/** Whether two numbers are the same, written as they may be: 1.50e1 and 15. */
function sameDecimal(left: string, right: string): boolean {
  return normalForm(left) === normalForm(right);
}

/** A number's significant digits and its exponent; `Infinity` as it is. */
function normalForm(number: string): string {
  const match = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number);
  if (!match) return number;
  const [, whole, fraction = "", exponent = "0"] = match;
  const digits = (whole + fraction).replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "0";
  const power = Number(exponent) - fraction.length + digits.length - significant.length;
  return `${significant}e${power}`;
}
