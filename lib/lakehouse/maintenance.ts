import { BirdsongError, messageOf } from "../errors.ts";
import type { Connection } from "./connection.ts";
import type { Lakehouse } from "./lakehouse.ts";
import { retryOnConflict } from "./retry.ts";
import { literal } from "./sql_text.ts";

/** A table's storage at one moment. */
export interface TableStorage {
  /** Parquet files of the newest version: data and lists of deleted rows. */
  files: number;
  /** Their size. */
  bytes: number;
}

/** What {@linkcode optimize} did to one table. */
export interface OptimizeResult {
  /** The table; those of the streams' state are `checkpoint.<name>`. */
  table: string;
  before: TableStorage;
  after: TableStorage;
}

/** What {@linkcode vacuum} removed. */
export interface VacuumResult {
  /** Versions of the lake that can no longer be read. */
  snapshots: number;
  /** Files of those versions, or replaced by `optimize`. */
  oldFiles: number;
  /** Files that no commit knows, left by processes that were killed. */
  orphanedFiles: number;
}

// No transaction of a living writer takes so long; a file this old that no commit knows is lost.
const orphanAgeMs = 3_600_000;

const attempts = 5;

/** DuckLake's own tables. */
const catalog = "__ducklake_metadata_lake";

/**
 * Makes few large files of many small ones, as Delta's OPTIMIZE does: rows that the catalog holds
 * inline go to a file, deleted rows leave theirs, neighbouring files are merged. The rows, their
 * order and the earlier versions stay as they are, so streams may write and read the table meanwhile.
 *
 * @param table One table by its name; without it, all tables and the streams' state.
 * @throws {BirdsongError} where there is no such table.
 */
export async function optimize(lake: Lakehouse, table?: string): Promise<OptimizeResult[]> {
  const before = await storage(lake);
  if (table !== undefined && !before.has(table)) {
    throw new BirdsongError(
      `there is no table "${table}" to optimize in ${lake.folder}; there are: ` +
        [...before.keys()].join(", "),
      { context: { table } },
    );
  }
  const chosen = table === undefined ? [...before.keys()] : [table];
  const connection = await lake.connect();
  try {
    for (const name of chosen) await optimizeTable(lake, connection, name);
  } finally {
    connection.close();
  }
  const after = await storage(lake);
  return chosen.map((name) => ({
    table: name,
    before: before.get(name)!,
    after: after.get(name) ?? { files: 0, bytes: 0 },
  }));
}

/**
 * Forgets old versions and deletes the files that only they need, as Delta's VACUUM does. Files
 * without a commit are deleted too, but never while they are younger than an hour: they may belong
 * to a transaction that is going on.
 *
 * @param options.retainMs Milliseconds for which versions stay readable, the newest in any case.
 *   Longer than the longest query: one that reads a version when its files go, fails.
 */
export async function vacuum(
  lake: Lakehouse,
  options: { retainMs: number },
): Promise<VacuumResult> {
  const { retainMs } = options;
  if (!Number.isFinite(retainMs) || retainMs < 0) {
    throw new BirdsongError(`retainMs must be a number of at least 0, but is ${retainMs}`);
  }
  const olderThan = (ageMs: number) => new Date(Date.now() - ageMs).toISOString();
  const retained = literal(olderThan(retainMs));
  const orphan = literal(olderThan(Math.max(retainMs, orphanAgeMs)));
  const snapshots = await expireSnapshots(lake, retained);
  // A catalog in SQLite keeps times as text, and DuckLake compares them with one that has a T where
  // they have a blank: without this, everything of the same day would count as old.
  await retryOnConflict("vacuum", () =>
    lake.sql(
      `UPDATE ${catalog}.ducklake_files_scheduled_for_deletion
       SET schedule_start = replace(schedule_start, ' ', 'T') WHERE schedule_start LIKE '% %'`,
    ));
  return {
    snapshots,
    oldFiles: await remove(lake, `ducklake_cleanup_old_files('lake', older_than => ${retained})`),
    orphanedFiles: await remove(
      lake,
      `ducklake_delete_orphaned_files('lake', older_than => ${orphan})`,
    ),
  };
}

/** Expires the versions before a time, by their numbers: DuckLake compares the times as text. */
async function expireSnapshots(lake: Lakehouse, before: string): Promise<number> {
  const old = await lake.sql(
    `SELECT snapshot_id FROM ${catalog}.ducklake_snapshot
     WHERE snapshot_time::TIMESTAMPTZ < ${before}
       AND snapshot_id < (SELECT max(snapshot_id) FROM ${catalog}.ducklake_snapshot)`,
  );
  if (old.length === 0) return 0;
  const versions = old.map(({ snapshot_id }) => snapshot_id).join(", ");
  return await remove(lake, `ducklake_expire_snapshots('lake', versions => [${versions}])`);
}

/** Calls a function of DuckLake that removes something; returns how many. */
async function remove(lake: Lakehouse, call: string): Promise<number> {
  for (let attempt = 1;; attempt++) {
    try {
      const [row] = await retryOnConflict(
        "vacuum",
        () => lake.sql(`SELECT count(*) AS n FROM ${call}`),
      );
      return row.n;
    } catch (error) {
      // A writer takes back its files when it has to begin again, perhaps while we look at them.
      if (attempt === attempts || !/No such file/.test(messageOf(error))) throw error;
    }
  }
}

/** Each step is a commit of its own: a stream that writes meanwhile undoes one step at most. */
async function optimizeTable(
  lake: Lakehouse,
  connection: Connection,
  name: string,
): Promise<void> {
  const [schema, table] = name.includes(".") ? name.split(".") : ["main", name];
  const target = `${literal(table)}, schema => ${literal(schema)}`;
  const steps = [
    `ducklake_flush_inlined_data('lake', table_name => ${literal(table)}, ` +
    `schema_name => ${literal(schema)})`,
    `ducklake_rewrite_data_files('lake', ${target})`,
    `ducklake_merge_adjacent_files('lake', ${target})`,
  ];
  for (const step of steps) {
    await lake.commit(
      connection,
      { author: "optimize", message: `optimize ${name}` },
      () => connection.run(`CALL ${step}`),
    );
  }
}

/** Storage of every table, by name. */
async function storage(lake: Lakehouse): Promise<Map<string, TableStorage>> {
  const rows = await lake.sql(
    `SELECT CASE WHEN schema_name = 'main' THEN '' ELSE schema_name || '.' END || table_name AS name,
       file_count + delete_file_count AS files,
       file_size_bytes + delete_file_size_bytes AS bytes
     FROM ducklake_table_info('lake')
     JOIN ${catalog}.ducklake_schema AS schemas USING (schema_id)
     WHERE schemas.end_snapshot IS NULL ORDER BY name`,
  );
  return new Map(rows.map(({ name, files, bytes }) => [name, { files, bytes }]));
}
