import { BirdsongError } from "../errors.ts";
import type { Connection } from "../lakehouse/connection.ts";
import type { Lakehouse } from "../lakehouse/lakehouse.ts";
import { columnList, identifier, type Schema } from "../lakehouse/sql_text.ts";

/** Where a stream's rows go. */
export interface Sink {
  /** The table that is written. */
  readonly table: string;
  /** For the progress record. */
  readonly description: string;
  /** Makes the table ready for rows of this schema. */
  open(lake: Lakehouse, schema: Schema): Promise<void>;
  /** Writes a batch's rows within its transaction; returns how many rows it wrote. */
  write(connection: Connection, staged: string, batchId: number): Promise<number>;
}

/** Appends rows to a table, whose schema is enforced. */
export class TableSink implements Sink {
  readonly description: string;

  constructor(
    readonly table: string,
    /** Whether new columns of the stream are added to the table. */
    private readonly mergeSchema: boolean,
  ) {
    this.description = `DuckLakeSink[${table}]`;
  }

  async open(lake: Lakehouse, schema: Schema): Promise<void> {
    await lake.createTable(this.table, schema);
    const existing = await lake.tableSchema(this.table) as Schema;
    const added = Object.keys(schema).filter((column) => !Object.hasOwn(existing, column));
    const changed = Object.keys(schema).filter((column) =>
      Object.hasOwn(existing, column) && existing[column] !== schema[column]
    );
    if (changed.length > 0) {
      const [column] = changed;
      throw new BirdsongError(
        `column "${column}" of the table "${this.table}" is ${existing[column]}, ` +
          `but the stream writes ${schema[column]}`,
        { context: { table: this.table, column } },
      );
    }
    if (added.length === 0) return;
    if (!this.mergeSchema) {
      throw new BirdsongError(
        `the stream writes columns that the table "${this.table}" does not have: ` +
          `${added.join(", ")}. Set the option mergeSchema to add them.`,
        { context: { table: this.table, column: added[0] } },
      );
    }
    const info = { author: "birdsong", message: `add ${added.join(", ")}` };
    await lake.transaction(info, async (connection) => {
      for (const column of added) {
        await connection.run(
          `ALTER TABLE ${identifier(this.table)} ADD COLUMN IF NOT EXISTS ` +
            columnList({ [column]: schema[column] }),
        );
      }
    });
  }

  write(connection: Connection, staged: string): Promise<number> {
    return connection.run(`INSERT INTO ${identifier(this.table)} BY NAME SELECT * FROM ${staged}`);
  }
}

/**
 * Hands each batch to a function, which writes it as it likes: a MERGE, for example. What it
 * runs on the connection it is given is part of the batch's transaction; it must do nothing else,
 * as it may be called again for the same batch.
 */
export class ForeachBatchSink implements Sink {
  readonly description = "ForeachBatchSink";

  constructor(
    readonly table: string,
    private readonly tableSchema: Schema,
    private readonly merge: ForeachBatch,
  ) {}

  open(lake: Lakehouse): Promise<void> {
    return lake.createTable(this.table, this.tableSchema);
  }

  write(connection: Connection, staged: string, batchId: number): Promise<number> {
    return this.merge(connection, staged, batchId);
  }
}

/** What a batch may be written with; on Spark, too. */
export type BatchConnection = Pick<Connection, "run">;

/**
 * Writes one batch; returns how many rows it wrote.
 *
 * On the embedded engine, a table of another schema of the lake is called `lake.<schema>.<table>` in
 * its SQL: the connection looks for names in `system.main` and `lake.main`.
 *
 * @param batch Temporary table with the batch's rows, for use in SQL as it is.
 */
export type ForeachBatch = (
  connection: BatchConnection,
  batch: string,
  batchId: number,
) => Promise<number>;
