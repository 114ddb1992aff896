import type { Schema } from "../../lakehouse/sql_text.ts";
import type { Value } from "../../lakehouse/row.ts";
import { ExactNumber, parseExactly, stringifyExactly } from "./exact_json.ts";

/** One record of a file: a JSON object, or what stood in its place. */
export interface JsonRecord {
  /** Line in the file, or place in its array, from 1. */
  line: number;
  /** One value per column of the schema, NULL where the record has none. */
  values: Value[];
  /** JSON of the fields that the schema has no place for: unknown names, values of another type. */
  rescued: string | null;
  /** The text that is no JSON object; all values are NULL then. */
  corrupt: string | null;
}

/** How to read a file's text. */
export interface ParseOptions {
  /** Lines that are corrupt whatever they look like, from 1. */
  invalidLines?: ReadonlySet<number>;
  /** Asked of every field that no column has the name of: whether to rescue it. All are by default. */
  rescues?(name: string, value: unknown, line: number): boolean;
}

/** For each column type that a JSON source can read: a field's value, undefined if it is of another. */
const readers: Record<string, (field: unknown) => Value> = {
  VARCHAR: (field) => typeof field === "string" ? field : undefined,
  BIGINT: (field) => integerOf(field),
  DOUBLE: (field) => numberOf(field),
  BOOLEAN: (field) => typeof field === "boolean" ? field : undefined,
};

/** The column types that a JSON source can read. */
export const jsonColumnTypes: readonly string[] = Object.keys(readers);

/**
 * Reads a file's text as one JSON object per line, as one array of objects, or as one object, and
 * fits each to the schema. Nothing is dropped or converted: what does not fit is kept apart.
 *
 * @param text The file's content.
 * @param schema Columns with a type of {@linkcode jsonColumnTypes}.
 */
export function* parseRecords(
  text: string,
  schema: Schema,
  options: ParseOptions = {},
): Generator<JsonRecord> {
  const { invalidLines } = options;
  const fit = fitter(schema, options.rescues ?? (() => true));
  const byteOrderMark = text.charCodeAt(0) === 0xfeff;
  const content = byteOrderMark ? text.slice(1) : text;
  const lines = content.split("\n");
  const parsed = lines.map((line, index) =>
    invalidLines?.has(index + 1) ? null : /^\s*$/.test(line) ? undefined : parseObject(line)
  );
  if (parsed.includes(null) && !invalidLines?.size) {
    // Not an object a line: perhaps the file is one value over several lines.
    const whole = parseWhole(content);
    if (whole) {
      for (const [index, value] of whole.entries()) yield fit(value, index + 1, value);
      return;
    }
  }
  for (const [index, value] of parsed.entries()) {
    if (value !== undefined) yield fit(value, index + 1, lines[index]);
  }
}

type JsonObject = Record<string, unknown>;

function parseObject(text: string): JsonObject | null {
  try {
    const value = parseExactly(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function parseWhole(text: string): unknown[] | null {
  try {
    const value = parseExactly(text);
    return Array.isArray(value) ? value : isObject(value) ? [value] : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof ExactNumber);
}

function integerOf(field: unknown): bigint | undefined {
  if (Number.isSafeInteger(field)) return BigInt(field as number);
  if (!(field instanceof ExactNumber) || !/^-?\d{1,19}$/.test(field.digits)) return undefined;
  const integer = BigInt(field.digits);
  return BigInt.asIntN(64, integer) === integer ? integer : undefined;
}

/** A number as the nearest DOUBLE; undefined where it is beyond them all. */
function numberOf(field: unknown): number | undefined {
  const number = field instanceof ExactNumber ? Number(field.digits) : field;
  return Number.isFinite(number) ? number as number : undefined;
}

function fitter(
  schema: Schema,
  rescues: NonNullable<ParseOptions["rescues"]>,
): (value: unknown, line: number, source: unknown) => JsonRecord {
  const columns = Object.keys(schema);
  const read = Object.values(schema).map((type) => readers[type]);
  const nothing = columns.map(() => null);
  return (value, line, source) => {
    if (!isObject(value)) {
      const corrupt = typeof source === "string" ? source : stringifyExactly(source);
      return { line, values: nothing, rescued: null, corrupt };
    }
    let fitting = 0;
    const rescued: [string, unknown][] = [];
    const values = columns.map((column, index) => {
      const field = Object.hasOwn(value, column) ? value[column] : undefined;
      if (field === undefined) return null;
      fitting++;
      const fitted = field === null ? null : read[index](field);
      // Half a surrogate pair has no UTF-8: the column gets U+FFFD, and the text is kept beside it.
      const torn = typeof fitted === "string" && !fitted.isWellFormed();
      if (fitted === undefined || torn) rescued.push([column, field]);
      return fitted ?? null;
    });
    const names = Object.keys(value);
    if (names.length > fitting) {
      for (const name of names) {
        if (Object.hasOwn(schema, name)) continue;
        if (rescues(name, value[name], line)) rescued.push([name, value[name]]);
      }
    }
    return {
      line,
      values,
      // Unlike an assignment, `fromEntries` keeps a field called `__proto__`.
      rescued: rescued.length > 0 ? stringifyExactly(Object.fromEntries(rescued)) : null,
      corrupt: null,
    };
  };
}
