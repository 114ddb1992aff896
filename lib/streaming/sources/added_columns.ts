import type { Connection } from "../../lakehouse/connection.ts";
import type { Lakehouse } from "../../lakehouse/lakehouse.ts";
import type { Schema } from "../../lakehouse/sql_text.ts";

/** The columns that a query's source has added to its schema, in their order. */
export async function readAddedColumns(connection: Connection, queryName: string): Promise<Schema> {
  const rows = await connection.rows(
    "SELECT name, type FROM lake.checkpoint.columns WHERE query = $queryName ORDER BY position",
    { queryName },
  );
  return Object.fromEntries(rows.map(({ name, type }) => [name, type]));
}

/**
 * Adds columns to a query's schema, in a transaction of their own: they are there also when the batch
 * that brought them is never committed.
 */
export async function storeAddedColumns(
  lake: Lakehouse,
  connection: Connection,
  queryName: string,
  columns: Schema,
): Promise<void> {
  const info = { author: queryName, message: `add ${Object.keys(columns).length} columns` };
  await lake.commit(connection, info, async (connection) => {
    // The row that every batch of the query updates: two processes conflict instead of adding twice.
    await connection.run(
      "UPDATE lake.checkpoint.queries SET updated_at = now() WHERE name = $queryName",
      { queryName },
    );
    const known = Object.keys(await readAddedColumns(connection, queryName));
    const added = Object.entries(columns).filter(([name]) => !known.includes(name));
    for (const [index, [name, type]] of added.entries()) {
      await connection.run(
        `INSERT INTO lake.checkpoint.columns (query, position, name, type)
         VALUES ($queryName, $position, $name, $type)`,
        { queryName, position: known.length + index, name, type },
      );
    }
  });
}
