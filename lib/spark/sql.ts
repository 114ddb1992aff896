import { BirdsongError } from "../errors.ts";
import type { Schema } from "../lakehouse/sql_text.ts";

/** A text as a literal of Spark's SQL, in which a backslash escapes. */
export function sparkLiteral(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

/** A name in Spark's SQL. Delta's own statements know no other quotes. */
export function sparkIdentifier(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}

const types: Readonly<Record<string, string>> = {
  VARCHAR: "STRING",
  BIGINT: "BIGINT",
  INTEGER: "INT",
  DOUBLE: "DOUBLE",
  BOOLEAN: "BOOLEAN",
  "TIMESTAMP WITH TIME ZONE": "TIMESTAMP",
};

/**
 * A schema as Spark's list of columns.
 *
 * @throws {BirdsongError} for a type that no column of the pipeline has.
 */
export function sparkColumns(schema: Schema): string {
  return Object.entries(schema).map(([name, type]) => {
    if (!Object.hasOwn(types, type)) {
      throw new BirdsongError(
        `column "${name}" is ${type}, but on Spark a column must be one of ` +
          Object.keys(types).join(", "),
      );
    }
    return `${sparkIdentifier(name)} ${types[type]}`;
  }).join(", ");
}

// Literals, quoted names and comments are passed over; what is left may be a marker.
const tokens = /'(?:[^'\\]|\\.)*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|--[^\n]*|\$([A-Za-z_]\w*)/gs;

/**
 * Puts values in the place of `$name` markers. Spark has parameters of its own, but Delta's parser
 * drops them in Spark 4.1 (delta-io/delta#7640).
 *
 * @throws {BirdsongError} for a marker without a value, or a value of another type.
 */
export function bindParameters(
  query: string,
  parameters: Readonly<Record<string, unknown>> = {},
): string {
  return query.replace(tokens, (token, name?: string) => {
    if (name === undefined) return token;
    if (!Object.hasOwn(parameters, name)) {
      throw new BirdsongError(`the query names $${name}, but no such parameter is given`);
    }
    return parameterLiteral(name, parameters[name]);
  });
}

function parameterLiteral(name: string, value: unknown): string {
  if (value === null) return "NULL";
  if (typeof value === "string") return sparkLiteral(value);
  if (typeof value === "boolean") return String(value);
  if (typeof value === "bigint" || (typeof value === "number" && Number.isFinite(value))) {
    const number = typeof value === "bigint" || Number.isInteger(value) ? `${value}` : `${value}D`;
    // Behind another minus, a negative number would begin a comment.
    return value < 0 ? `(${number})` : number;
  }
  if (value instanceof Date && !Number.isNaN(value.getTime())) {
    return `timestamp_millis(${value.getTime()})`;
  }
  throw new BirdsongError(
    `the parameter $${name} must be a text, number, truth value, Date or null`,
  );
}
