import { randomUUID } from "node:crypto";
import { BirdsongError } from "../errors.ts";
import type { Connection } from "../lakehouse/connection.ts";
import type { Lakehouse } from "../lakehouse/lakehouse.ts";
import { columnList, identifier, type Schema } from "../lakehouse/sql_text.ts";
import type { StreamingQueryProgress } from "./progress.ts";

/** What is kept of a query between its runs. */
export interface QueryState {
  /** Stays the same until the query is cleared. */
  id: string;
  /** The last committed batch; -1 before the first. */
  batchId: number;
  /** Where that batch ended in the source. */
  offset: unknown;
}

/** The checkpoint's tables; {@linkcode Checkpoint} says what they hold. */
const tables: Record<string, Schema> = {
  queries: {
    name: "VARCHAR",
    id: "VARCHAR",
    batch_id: "BIGINT",
    run_id: "VARCHAR",
    source_offset: "VARCHAR",
    updated_at: "TIMESTAMPTZ",
  },
  progress: { query: "VARCHAR", batch_id: "BIGINT", record: "VARCHAR" },
  files: {
    query: "VARCHAR",
    batch_id: "BIGINT",
    path: "VARCHAR",
    /** Bytes on disk when it was read. */
    size: "BIGINT",
    /** Why nothing of it could be read; NULL where it was. */
    error: "VARCHAR",
  },
};

/**
 * The streams' state: tables of the lake itself, so that it is committed with the rows of a batch.
 *
 * - `checkpoint.queries`: one row per query, which every batch *updates*; two processes that run
 *   the same query therefore conflict instead of writing a batch twice.
 * - `checkpoint.progress`: one record per batch.
 * - `checkpoint.files`: the files that a query has taken.
 */
export class Checkpoint {
  constructor(private readonly lake: Lakehouse, private readonly query: string) {}

  /** Reads the query's state, and makes it where the query is new. */
  async open(connection: Connection): Promise<QueryState> {
    await createCheckpointTables(this.lake, connection);
    const known = await this.#read(connection);
    if (known) return known;
    await this.lake.commit(
      connection,
      { author: this.query, message: "start query" },
      async (connection) => {
        // Another process may have been faster.
        if (await this.#read(connection)) return;
        await connection.run(
          `INSERT INTO checkpoint.queries (name, id, batch_id, updated_at)
           VALUES ($name, $id, -1, now())`,
          { name: this.query, id: randomUUID() },
        );
      },
    );
    return (await this.#read(connection))!;
  }

  /**
   * Moves the query on by one batch, within the batch's transaction.
   *
   * @returns False when this very batch is already committed: a commit whose answer was lost.
   * @throws {BirdsongError} when another process has moved the query on.
   */
  async advance(
    connection: Connection,
    progress: StreamingQueryProgress,
    offset: unknown,
  ): Promise<boolean> {
    const changed = await connection.run(
      `UPDATE checkpoint.queries
       SET batch_id = $batchId, run_id = $runId, source_offset = $offset, updated_at = now()
       WHERE name = $name AND batch_id = $previous`,
      {
        name: this.query,
        batchId: progress.batchId,
        previous: progress.batchId - 1,
        runId: progress.runId,
        offset: JSON.stringify(offset),
      },
    );
    if (changed === 1) return true;
    if (changed > 1) {
      throw new BirdsongError(
        `${this.query} stands twice in checkpoint.queries: two processes have made it at the same ` +
          "time. Clear the previous run.",
        { context: { query: this.query } },
      );
    }
    const row = await connection.row(
      "SELECT batch_id, run_id FROM checkpoint.queries WHERE name = $name",
      { name: this.query },
    );
    if (row?.batch_id === progress.batchId && row.run_id === progress.runId) return false;
    throw takenOver(this.query, progress.batchId);
  }

  /** Keeps a batch's progress record, within the batch's transaction. */
  async record(connection: Connection, progress: StreamingQueryProgress): Promise<void> {
    await connection.run(
      `INSERT INTO checkpoint.progress (query, batch_id, record) VALUES ($name, $batchId, $record)`,
      { name: this.query, batchId: progress.batchId, record: JSON.stringify(progress) },
    );
  }

  async #read(connection: Connection): Promise<QueryState | undefined> {
    const row = await connection.row(
      "SELECT id, batch_id, source_offset FROM checkpoint.queries WHERE name = $name",
      { name: this.query },
    );
    if (!row) return undefined;
    const offset = row.source_offset === null ? undefined : JSON.parse(row.source_offset);
    return { id: row.id, batchId: row.batch_id, offset };
  }
}

/** The error of a run that another process has overtaken. */
function takenOver(query: string, batchId: number): BirdsongError {
  return new BirdsongError(
    `${query} runs in another process too, which has committed batch ${batchId} first; nothing was ` +
      "written twice. Stop one of the two (10_clean_up shows the streams).",
    { context: { query, batchId } },
  );
}

/** Progress records of a query, or of all, oldest first; none where no query has run. */
export async function readProgress(
  lake: Lakehouse,
  query?: string,
): Promise<StreamingQueryProgress[]> {
  if (!await isCheckpointThere(lake)) return [];
  const rows = await lake.sql(
    `SELECT record FROM checkpoint.progress WHERE $query IS NULL OR query = $query
     ORDER BY query, batch_id`,
    { query: query ?? null },
  );
  return rows.map((row) => JSON.parse(row.record));
}

/** Every query's last progress record, by the query's name. */
export async function lastProgressOfAll(
  lake: Lakehouse,
): Promise<Map<string, StreamingQueryProgress>> {
  if (!await isCheckpointThere(lake)) return new Map();
  const rows = await lake.sql(
    "SELECT query, arg_max(record, batch_id) AS record FROM checkpoint.progress GROUP BY query",
  );
  return new Map(rows.map(({ query, record }) => [query, JSON.parse(record)]));
}

async function isCheckpointThere(lake: Lakehouse): Promise<boolean> {
  const found = await checkpointColumns(lake);
  return Object.entries(tables).every(([table, schema]) =>
    Object.keys(schema).every((column) => found.get(table)?.includes(column))
  );
}

/** The columns of the checkpoint's tables, by table. */
async function checkpointColumns(lake: Lakehouse): Promise<Map<string, string[]>> {
  const rows = await lake.sql(
    `SELECT table_name AS name, list(column_name) AS columns FROM duckdb_columns()
     WHERE database_name = 'lake' AND schema_name = 'checkpoint' GROUP BY table_name`,
  );
  return new Map(rows.map(({ name, columns }) => [name, columns]));
}

async function createCheckpointTables(lake: Lakehouse, connection: Connection): Promise<void> {
  if (await isCheckpointThere(lake)) return;
  const found = await checkpointColumns(lake);
  await lake.create(connection, "create the checkpoint", async (connection) => {
    await connection.run("CREATE SCHEMA IF NOT EXISTS checkpoint");
    for (const [table, schema] of Object.entries(tables)) {
      const name = `checkpoint.${identifier(table)}`;
      await connection.run(`CREATE TABLE IF NOT EXISTS ${name} (${columnList(schema)})`);
      // A lake that an earlier version has made.
      for (const [column, type] of Object.entries(schema)) {
        if (!found.has(table) || found.get(table)!.includes(column)) continue;
        await connection.run(
          `ALTER TABLE ${name} ADD COLUMN IF NOT EXISTS ${columnList({ [column]: type })}`,
        );
      }
    }
  });
}
