import { BirdsongError } from "../errors.ts";
import { catalog } from "./catalog_tables.ts";
import type { Lakehouse } from "./lakehouse.ts";

/** One version of a table: a commit that touched it. */
export interface TableVersion {
  /** Number of the commit in the lake: `AT (VERSION => version)` reads the table as of then. */
  version: number;
  /** `AT (TIMESTAMP => timestamp)` reads it, too. */
  timestamp: Date;
  operation: "CREATE TABLE" | "ALTER TABLE" | "APPEND" | "MERGE" | "DELETE" | "OPTIMIZE";
  /** The stream, or what else committed. */
  author: string | null;
  /** What it said it did, such as `batch 7`. */
  message: string | null;
}

/** DuckLake's names for what a commit did to a table, most telling first. */
const operations: [changes: string[], operation: TableVersion["operation"]][] = [
  [["tables_created"], "CREATE TABLE"],
  [["tables_altered"], "ALTER TABLE"],
  // Before DELETE: to move inlined deletions into files is noted as a deletion, too.
  [["merge_adjacent", "rewrite_delete", "flushed_inlined"], "OPTIMIZE"],
  [["tables_deleted_from", "inlined_delete"], "DELETE"],
  [["tables_inserted_into", "inlined_insert"], "APPEND"],
];

/**
 * The versions of a table, newest first, as far as `vacuum` has left them: Delta's
 * `DESCRIBE HISTORY`.
 *
 * @throws {BirdsongError} when there is no such table.
 */
export async function history(lake: Lakehouse, table: string): Promise<TableVersion[]> {
  const [known] = await lake.sql(
    `SELECT table_id, tables.begin_snapshot FROM ${catalog}.ducklake_table AS tables
     JOIN ${catalog}.ducklake_schema AS schemas USING (schema_id)
     WHERE tables.end_snapshot IS NULL AND schemas.end_snapshot IS NULL
       AND schema_name = 'main' AND table_name = $table`,
    { table },
  );
  if (!known) {
    throw new BirdsongError(`there is no table "${table}" in ${lake.folder}`, {
      context: { table },
    });
  }
  const commits = await lake.sql(
    // Rounded up to what a Date holds, so that the version can be read at its timestamp.
    `SELECT snapshot_id, author, commit_message,
       date_trunc('milliseconds', snapshot_time + INTERVAL 999 MICROSECONDS) AS snapshot_time,
       list_transform(list_filter(map_entries(changes), lambda change:
         list_contains(change.value, $id)
         OR (change.key = 'tables_created' AND snapshot_id = $begin)),
         lambda change: change.key) AS changes
     FROM lake.snapshots() WHERE snapshot_id >= $begin ORDER BY snapshot_id DESC`,
    { id: String(known.table_id), begin: known.begin_snapshot },
  );
  return commits.filter((commit) => commit.changes.length > 0).map((commit) => ({
    version: commit.snapshot_id,
    timestamp: commit.snapshot_time,
    operation: operationOf(commit.changes),
    author: commit.author,
    message: commit.commit_message,
  }));
}

/**
 * The lake's version in which a table's rows changed last. Compaction moves rows without changing
 * them, and does not count.
 */
export async function tableVersion(lake: Lakehouse, table: string): Promise<number> {
  const versions = await history(lake, table);
  const changed = versions.find(({ operation }) => operation !== "OPTIMIZE");
  return changed?.version ?? await lake.currentVersion();
}

function operationOf(changes: string[]): TableVersion["operation"] {
  const found = operations.filter(([names]) => names.some((name) => changes.includes(name)))
    .map(([, operation]) => operation);
  return found[0] === "DELETE" && found.includes("APPEND") ? "MERGE" : found[0] ?? "OPTIMIZE";
}
