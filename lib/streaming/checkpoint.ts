import { randomUUID } from "node:crypto";
import type { Connection } from "../lakehouse/connection.ts";
import type { Lakehouse } from "../lakehouse/lakehouse.ts";
import { columnList, identifier, type Schema } from "../lakehouse/sql_text.ts";
import type { StreamingQueryProgress } from "./progress.ts";
import { alreadyRunning, type QueryRun, readRun, takenOver } from "./processes/running.ts";

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
    started_at: "TIMESTAMPTZ",
    host: "VARCHAR",
    pid: "BIGINT",
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
  first_starts: { number: "BIGINT" },
  expectations: {
    query: "VARCHAR",
    batch_id: "BIGINT",
    name: "VARCHAR",
    action: "VARCHAR",
    passed: "BIGINT",
    failed: "BIGINT",
  },
  columns: { query: "VARCHAR", position: "BIGINT", name: "VARCHAR", type: "VARCHAR" },
};

/**
 * The streams' state: tables of the lake itself, so that it is committed with the rows of a batch.
 *
 * - `checkpoint.queries`: one row per query: who runs it, since when, and how far it has come. A
 *   start and every batch *update* it, so that of two processes that run the same query one is
 *   refused, and none writes a batch that is not its own.
 * - `checkpoint.progress`: one record per batch.
 * - `checkpoint.files`: the files that a query has taken.
 * - `checkpoint.first_starts`: one row, which the first start of every query updates: two of them
 *   conflict, instead of making a row of the same query each.
 * - `checkpoint.expectations`: how many rows of each batch met each expectation.
 * - `checkpoint.columns`: the columns that a query has added to its schema by itself.
 */
export class Checkpoint {
  constructor(private readonly lake: Lakehouse, private readonly query: string) {}

  /**
   * Makes the query this run's and reads its state, in one transaction; makes the state where the
   * query is new. Of runs that start at the same moment, one gets the query.
   *
   * @throws {BirdsongError} while another run of the query is alive.
   */
  async open(connection: Connection, run: QueryRun): Promise<QueryState> {
    const info = { author: this.query, message: "start query", extra: { runId: run.runId } };
    return await this.lake.commit(connection, info, async (connection) => {
      await createCheckpointTables(connection);
      const known = await this.#read(connection);
      if (known) this.#assertNoOtherRun(known.runId, run);
      const { id, batchId, offset } = known ?? await this.#create(connection);
      await connection.run(
        `UPDATE lake.checkpoint.queries
         SET run_id = $runId, started_at = $startedAt::TIMESTAMPTZ, host = $host, pid = $pid
         WHERE name = $name`,
        {
          name: run.name,
          runId: run.runId,
          startedAt: run.startedAt,
          host: run.host,
          pid: run.pid,
        },
      );
      return { id, batchId, offset };
    });
  }

  /**
   * Moves the query on by one batch, within the batch's transaction.
   *
   * @returns False when this very batch is already committed: a commit whose answer was lost.
   * @throws {BirdsongError} when another run has taken the query over.
   */
  async advance(
    connection: Connection,
    progress: Pick<StreamingQueryProgress, "batchId" | "runId">,
    offset: unknown,
  ): Promise<boolean> {
    // Compared as one row: for each column that is compared by itself, DuckLake reads the statistics
    // of all files of all tables, twice.
    const changed = await connection.run(
      `UPDATE lake.checkpoint.queries
       SET batch_id = $batchId, source_offset = $offset, updated_at = now()
       WHERE (name, run_id, batch_id) = ($name, $runId, $previous::BIGINT)`,
      {
        name: this.query,
        batchId: progress.batchId,
        previous: progress.batchId - 1,
        runId: progress.runId,
        offset: JSON.stringify(offset),
      },
    );
    if (changed === 1) return true;
    const known = await this.#read(connection);
    if (known?.runId === progress.runId && known.batchId === progress.batchId) return false;
    throw takenOver(this.query);
  }

  /** Keeps a batch's progress record, within the batch's transaction. */
  async record(connection: Connection, progress: StreamingQueryProgress): Promise<void> {
    await connection.run(
      `INSERT INTO lake.checkpoint.progress (query, batch_id, record) VALUES ($name, $batchId, $record)`,
      { name: this.query, batchId: progress.batchId, record: JSON.stringify(progress) },
    );
  }

  async #read(connection: Connection): Promise<QueryState & { runId: string } | undefined> {
    const row = await connection.row(
      "SELECT id, batch_id, source_offset, run_id FROM lake.checkpoint.queries WHERE name = $name",
      { name: this.query },
    );
    if (!row) return undefined;
    const offset = row.source_offset === null ? undefined : JSON.parse(row.source_offset);
    return { id: row.id, batchId: row.batch_id, offset, runId: row.run_id };
  }

  async #create(connection: Connection): Promise<QueryState> {
    const id = randomUUID();
    await connection.run("UPDATE lake.checkpoint.first_starts SET number = number + 1");
    await connection.run(
      "INSERT INTO lake.checkpoint.queries (name, id, batch_id, updated_at) VALUES ($name, $id, -1, now())",
      { name: this.query, id },
    );
    return { id, batchId: -1, offset: undefined };
  }

  #assertNoOtherRun(runId: string, run: QueryRun): void {
    // A claim whose answer was lost.
    if (runId === run.runId) return;
    const other = readRun(this.lake.folder, this.query, runId);
    if (other?.state === "running") throw alreadyRunning(other);
  }
}

/** Progress records of a query, or of all, oldest first; none where no query has run. */
export async function readProgress(
  lake: Lakehouse,
  query?: string,
): Promise<StreamingQueryProgress[]> {
  if (!await isCheckpointThere(lake)) return [];
  const rows = await lake.sql(
    `SELECT record FROM lake.checkpoint.progress WHERE $query IS NULL OR query = $query
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
    "SELECT query, arg_max(record, batch_id) AS record FROM lake.checkpoint.progress GROUP BY query",
  );
  return new Map(rows.map(({ query, record }) => [query, JSON.parse(record)]));
}

/** The run that every query belongs to, by the query's name. */
export async function runIdsOfAll(lake: Lakehouse): Promise<Map<string, string>> {
  if (!await isCheckpointThere(lake)) return new Map();
  const rows = await lake.sql("SELECT name, run_id FROM lake.checkpoint.queries");
  return new Map(rows.map(({ name, run_id }) => [name, run_id]));
}

function isCheckpointThere(lake: Lakehouse): Promise<boolean> {
  return lake.tableExists("queries", "checkpoint");
}

/** Makes what is missing of the tables, within a transaction. */
async function createCheckpointTables(connection: Connection): Promise<void> {
  const columns = await connection.rows(
    `SELECT table_name || '.' || column_name AS name FROM duckdb_columns()
     WHERE database_name = 'lake' AND schema_name = 'checkpoint'`,
  );
  const found = new Set(columns.map(({ name }) => name));
  const isComplete = Object.entries(tables).every(([table, schema]) =>
    Object.keys(schema).every((column) => found.has(`${table}.${column}`))
  );
  if (isComplete) return;
  await connection.run("CREATE SCHEMA IF NOT EXISTS lake.checkpoint");
  for (const [table, schema] of Object.entries(tables)) {
    const name = `lake.checkpoint.${identifier(table)}`;
    await connection.run(`CREATE TABLE IF NOT EXISTS ${name} (${columnList(schema)})`);
    const missing = Object.keys(schema).filter((column) => !found.has(`${table}.${column}`));
    if (missing.length === Object.keys(schema).length) continue;
    // Of a lake that an earlier version of the library has made.
    for (const column of missing) {
      const definition = columnList({ [column]: schema[column] });
      await connection.run(`ALTER TABLE ${name} ADD COLUMN IF NOT EXISTS ${definition}`);
    }
  }
  await connection.run(
    "INSERT INTO lake.checkpoint.first_starts SELECT 0 WHERE NOT EXISTS (FROM lake.checkpoint.first_starts)",
  );
}
