import { BirdsongError } from "../errors.ts";
import type { SparkSession } from "./spark_session.ts";

/** A Delta table that this project keeps for itself. */
export interface OwnTable {
  name: string;
  /** Its columns in SQL: `id STRING, at TIMESTAMP`. */
  columns: string;
}

/**
 * Appends rows to a table, in one commit. The table is made where there is none, which the first
 * append finds out, and one behind another session's `clearPreviousRun`: to ask each time would
 * cost as long as the append.
 *
 * @param values What follows VALUES: rows in parentheses, with `$name` for parameters.
 */
export async function appendRows(
  session: Pick<SparkSession, "sql">,
  { name, columns }: OwnTable,
  values: string,
  parameters: Readonly<Record<string, unknown>>,
): Promise<void> {
  const append = () => session.sql(`INSERT INTO ${name} VALUES ${values}`, parameters);
  try {
    await append();
  } catch (error) {
    if (!isTableMissing(error)) throw error;
    await session.sql(`CREATE TABLE IF NOT EXISTS ${name} (${columns}) USING delta`);
    await append();
  }
}

function isTableMissing(error: unknown): boolean {
  return error instanceof BirdsongError && error.context.errorClass === "TABLE_OR_VIEW_NOT_FOUND";
}
