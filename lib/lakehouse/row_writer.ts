import { BIGINT, BOOLEAN, DOUBLE, DuckDBDataChunk, INTEGER, VARCHAR } from "@duckdb/node-api";
import type { Connection } from "./connection.ts";
import type { Value } from "./row.ts";
import { columnList, identifier, type Schema } from "./sql_text.ts";

// DuckDB's own vector size: a chunk holds no more.
const chunkRows = 2048;
const duckdbTypes = { BIGINT, BOOLEAN, DOUBLE, INTEGER, VARCHAR };

/**
 * Fills a new temporary table of a connection from JavaScript values, by columns: some 400,000 rows
 * a second, where INSERT statements reach thousands.
 */
export class RowWriter {
  /** Rows written so far. */
  count = 0;
  readonly #columns: Value[][];
  readonly #chunk: DuckDBDataChunk;

  private constructor(
    private readonly appender: Awaited<ReturnType<Connection["duckdb"]["createAppender"]>>,
    schema: Schema,
  ) {
    this.#columns = Object.keys(schema).map(() => []);
    this.#chunk = DuckDBDataChunk.create(
      Object.values(schema).map((type) => duckdbTypes[type as keyof typeof duckdbTypes]),
      chunkRows,
    );
  }

  /** @param schema Columns of type VARCHAR, INTEGER, BIGINT (as bigint), DOUBLE or BOOLEAN. */
  static async create(connection: Connection, table: string, schema: Schema): Promise<RowWriter> {
    await connection.run(
      `CREATE OR REPLACE TEMP TABLE ${identifier(table)} (${columnList(schema)})`,
    );
    return new RowWriter(await connection.duckdb.createAppender(table, "main", "temp"), schema);
  }

  /** Adds a row: one value per column. */
  add(values: readonly Value[]): void {
    for (let index = 0; index < values.length; index++) this.#columns[index].push(values[index]);
    this.count++;
    if (this.#columns[0].length === chunkRows) this.#flush();
  }

  /** Writes what is left. The table is complete now. */
  close(): void {
    if (this.#columns[0].length > 0) this.#flush();
    this.appender.closeSync();
  }

  #flush(): void {
    this.#chunk.setColumns(this.#columns);
    this.appender.appendDataChunk(this.#chunk);
    for (const column of this.#columns) column.length = 0;
  }
}
