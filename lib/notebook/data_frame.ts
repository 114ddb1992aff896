import { types } from "node:util";

/**
 * What notebooks use of danfo.js's DataFrame. The rest of its methods can be called, too: its own
 * types, which bring those of TensorFlow.js along, would cost tslab ten seconds in every notebook.
 */
export interface DataFrame {
  columns: string[];
  values: unknown[][];
  /** Rows and columns. */
  shape: [number, number];
  head(rows?: number): DataFrame;
  sortValues(column: string, options?: { ascending?: boolean }): DataFrame;
  // deno-lint-ignore no-explicit-any
  [method: string]: any;
}

/**
 * Rows as a danfo.js DataFrame, which a notebook can sort, filter and plot as in pandas. For small
 * results: SQL has done the heavy work before. Timestamps become text in UTC.
 *
 * The first call in a process takes about two seconds: danfo.js brings TensorFlow.js along.
 *
 * @example
 * const frame = await dataFrame(await session.sql("FROM application"));
 * await show(frame.sortValues("total", { ascending: false }).head(5));
 */
export async function dataFrame(rows: readonly object[]): Promise<DataFrame> {
  const danfo = await import("danfojs-node");
  return new danfo.DataFrame(rows.map(plain)) as unknown as DataFrame;
}

function plain(row: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, cell(value)]));
}

function cell(value: unknown): unknown {
  // A kernel's cell may have a `Date` of its own, for which `instanceof` says no.
  return types.isDate(value) ? value.toISOString().replace("T", " ").replace(".000Z", "Z") : value;
}
