/** A value as a SQL string literal: `it's` becomes `'it''s'`. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name as a quoted SQL identifier: `my table` becomes `"my table"`. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A table's columns with their DuckDB types, in order: `{ user: "VARCHAR", n: "BIGINT" }`. */
export type Schema = Readonly<Record<string, string>>;

/** A schema as the column list of a CREATE TABLE statement. */
export function columnList(schema: Schema): string {
  return Object.entries(schema).map(([name, type]) => `${identifier(name)} ${type}`).join(", ");
}
