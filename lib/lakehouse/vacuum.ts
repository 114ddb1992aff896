import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { BirdsongError, messageOf } from "../errors.ts";
import { catalog } from "./catalog_tables.ts";
import type { Connection } from "./connection.ts";
import type { Lakehouse } from "./lakehouse.ts";
import type { Storage } from "./optimize.ts";
import { retryOnConflict } from "./retry.ts";
import { isObjectStorage } from "./location.ts";
import { literal } from "./sql_text.ts";

/** What {@linkcode vacuum} may remove, with Delta's names. */
export interface VacuumOptions {
  /**
   * For how many hours a version can be read after the next one has replaced it.
   *
   * @default 168 (7 days)
   */
  retentionHours?: number;
  /** Refuse to keep less than 168 hours. @default true */
  retentionDurationCheck?: boolean;
  /** Only say what would be removed. @default false */
  dryRun?: boolean;
}

/** What {@linkcode vacuum} removed, or would. */
export interface VacuumResult {
  /** Versions of the lake that can no longer be read. */
  snapshots: number;
  /** Files that only those versions need, or that `optimize` replaced before the retention. */
  oldFiles: number;
  /** Files that no commit knows, left by processes that were killed. */
  orphanedFiles: number;
  /** All files of the lake's tables, of all versions. */
  before: Storage;
  after: Storage;
}

const defaultRetentionHours = 168;
const hourMs = 3_600_000;

// No transaction of a living writer takes so long; a file this old that no commit knows is lost.
const orphanAgeMs = hourMs;

/**
 * Forgets old versions and deletes the files that only they need, as Delta's VACUUM does. What was
 * the newest version at any time within the retention stays readable, and so does a version that
 * someone is reading, if the query takes no longer. Files without a commit are deleted, too, but
 * never while they are younger than an hour: they may belong to a transaction that is going on.
 *
 * @throws {BirdsongError} when the retention is shorter than Delta's, and the check is not off.
 */
export async function vacuum(
  lake: Lakehouse,
  options: VacuumOptions = {},
): Promise<VacuumResult> {
  const { dryRun = false, retentionDurationCheck = true } = options;
  const hours = options.retentionHours ?? defaultRetentionHours;
  checkRetention(hours, retentionDurationCheck);
  const end = literal(timeAgo(hours * hourMs));
  const connection = await lake.connect();
  try {
    const before = await storage(lake, connection);
    const snapshots = await expiredSnapshots(connection, end);
    const files = await unneededFiles(connection, end, snapshots.at(-1) ?? -1);
    if (!dryRun) {
      await expire(connection, snapshots);
      await removeFiles(connection, files);
    }
    const orphanedFiles = await removeOrphans(connection, hours * hourMs, dryRun);
    return {
      snapshots: snapshots.length,
      oldFiles: files.length,
      orphanedFiles,
      before,
      after: await storage(lake, connection),
    };
  } catch (error) {
    throw await lake.explain(error, "vacuum") ?? error;
  } finally {
    connection.close();
  }
}

function checkRetention(hours: number, check: boolean): void {
  if (!Number.isFinite(hours) || hours < 0) {
    throw new BirdsongError(`retentionHours must be a number of at least 0, but is ${hours}`);
  }
  if (!check || hours >= defaultRetentionHours) return;
  throw new BirdsongError(
    `retentionHours is ${hours}, but must be at least ${defaultRetentionHours}: queries that read ` +
      "an older version would fail, and time travel would end there. Where that is what you want, " +
      "add retentionDurationCheck: false.",
  );
}

/** The versions that later ones have replaced before `end`, in their order. */
async function expiredSnapshots(connection: Connection, end: string): Promise<number[]> {
  // Casts, here and below: a catalog in SQLite keeps times as text. The newest version before
  // `end` is what the lake was at `end`, however old it is.
  const rows = await connection.rows(
    `SELECT snapshot_id FROM ${catalog}.ducklake_snapshot WHERE snapshot_id < (
       SELECT max(snapshot_id) FROM ${catalog}.ducklake_snapshot
       WHERE snapshot_time::TIMESTAMPTZ <= ${end}
     ) ORDER BY snapshot_id`,
  );
  return rows.map(({ snapshot_id }) => snapshot_id);
}

/** The files that no version after `lastExpired` needs, or that were replaced before `end`. */
async function unneededFiles(
  connection: Connection,
  end: string,
  lastExpired: number,
): Promise<number[]> {
  const rows = await connection.rows(
    `SELECT data_file_id AS id FROM ${catalog}.ducklake_files_scheduled_for_deletion
     WHERE schedule_start::TIMESTAMPTZ < ${end}
     UNION SELECT data_file_id FROM ${catalog}.ducklake_data_file
     WHERE end_snapshot <= ${lastExpired + 1}
     UNION SELECT delete_file_id FROM ${catalog}.ducklake_delete_file
     WHERE end_snapshot <= ${lastExpired + 1}`,
  );
  return rows.map(({ id }) => id);
}

async function expire(connection: Connection, snapshots: number[]): Promise<void> {
  if (snapshots.length === 0) return;
  await removing(() =>
    connection.run(`CALL ducklake_expire_snapshots('lake', versions => [${snapshots.join(", ")}])`)
  );
}

/** Deletes files that DuckLake has on its list of files to delete. */
async function removeFiles(connection: Connection, files: number[]): Promise<void> {
  if (files.length === 0) return;
  // DuckLake deletes by the time when a file came on the list. It compares times in a SQLite catalog
  // as text, in two forms; between these years, both compare alike.
  await removing(() =>
    connection.run(
      `UPDATE ${catalog}.ducklake_files_scheduled_for_deletion
       SET schedule_start = '1970-01-01 00:00:00+00' WHERE data_file_id IN (${files.join(", ")})`,
    )
  );
  await removing(() =>
    connection.run("CALL ducklake_cleanup_old_files('lake', older_than => '1971-01-01')")
  );
}

/** Deletes files that no commit knows; returns how many. */
async function removeOrphans(
  connection: Connection,
  retentionMs: number,
  dryRun: boolean,
): Promise<number> {
  const end = literal(timeAgo(Math.max(retentionMs, orphanAgeMs)));
  const call = `ducklake_delete_orphaned_files('lake', older_than => ${end}, dry_run => ${dryRun})`;
  const row = await removing(() => connection.row(`SELECT count(*) AS n FROM ${call}`));
  return row!.n;
}

/** All files of the tables. */
async function storage({ dataPath }: Lakehouse, connection: Connection): Promise<Storage> {
  const sizes = isObjectStorage(dataPath)
    ? await objectSizes(connection, dataPath)
    : fileSizes(dataPath);
  return { files: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

function fileSizes(folder: string): number[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    // A writer may take back its files meanwhile.
    .map((name) => statSync(join(folder, name), { throwIfNoEntry: false }))
    .filter((entry) => entry?.isFile())
    .map((entry) => entry!.size);
}

async function objectSizes(connection: Connection, prefix: string): Promise<number[]> {
  const files = literal(`${prefix}/**`);
  // Asked first: read_blob takes it for an error where there are no files at all.
  const found = await connection.rows(`FROM glob(${files}) LIMIT 1`);
  if (found.length === 0) return [];
  const rows = await removing(() => connection.rows(`SELECT size FROM read_blob(${files})`));
  return rows.map(({ size }) => size);
}

const attempts = 5;

/**
 * Runs an action that looks at files, again where one of them has gone meanwhile: a writer takes
 * back its files when it has to begin again.
 */
async function removing<T>(action: () => Promise<T>): Promise<T> {
  for (let attempt = 1;; attempt++) {
    try {
      return await retryOnConflict("vacuum", action);
    } catch (error) {
      if (attempt === attempts || !/No such file|404/.test(messageOf(error))) throw error;
    }
  }
}

function timeAgo(ms: number): string {
  return new Date(Date.now() - ms).toISOString();
}
