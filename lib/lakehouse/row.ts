/** A value of a row as JavaScript has it: timestamps are `Date`s, lists arrays, structs objects. */
// deno-lint-ignore no-explicit-any
export type Value = any;

/** One row of a query, by column name. */
export type Row = Record<string, Value>;

/** A row with numbers where DuckDB gives a BIGINT that a number holds exactly. */
export function toRow(row: Record<string, unknown>): Row {
  const result: Row = {};
  for (const [name, value] of Object.entries(row)) result[name] = toValue(value);
  return result;
}

function toValue(value: unknown): Value {
  if (typeof value === "bigint") {
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }
  if (Array.isArray(value)) return value.map(toValue);
  return Object.getPrototypeOf(value ?? 0) === Object.prototype
    ? toRow(value as Record<string, unknown>)
    : value;
}

/**
 * Rows as JSON: timestamps as ISO 8601 in UTC (`2009-04-07T05:19:45.000Z`), integers beyond 2^53 as
 * strings, control characters escaped (also those that JSON allows, but a terminal obeys).
 */
export function toJson(rows: unknown, indent = 0): string {
  return JSON.stringify(
    rows,
    (_name, value) => typeof value === "bigint" ? value.toString() : value,
    indent,
  ).replace(
    /[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
