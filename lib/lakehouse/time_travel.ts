import { BirdsongError } from "../errors.ts";
import { catalog } from "./catalog_tables.ts";
import type { Lakehouse } from "./lakehouse.ts";
import type { Row } from "./row.ts";

/** Which version of a table to read, with Delta's names; the newest where neither is given. */
export interface TimeTravelOptions {
  /** A version of the lake; `history` lists those in which a table has changed. */
  versionAsOf?: number;
  /**
   * The last version at or before this time: a `Date`, or a text such as `2026-03-01` or
   * `2026-03-01 12:30:00+01`, in UTC where it names no zone.
   */
  timestampAsOf?: Date | string;
}

/**
 * Says how to read a table as it was: ` AT (VERSION => 7)`, or nothing for the newest version.
 *
 * @throws {BirdsongError} when there was no such version, or no such table in it, or when `vacuum`
 *   has removed it.
 */
export async function atVersion(
  lake: Lakehouse,
  table: string,
  options: TimeTravelOptions,
): Promise<string> {
  checkTimeTravel(options);
  const { versionAsOf, timestampAsOf } = options;
  if (versionAsOf === undefined && timestampAsOf === undefined) return "";
  const version = versionAsOf === undefined
    ? await versionOfTime(lake, timestampAsOf!)
    : await checkVersion(lake, versionAsOf);
  await checkTable(lake, table, version);
  return ` AT (VERSION => ${version})`;
}

/** @throws {BirdsongError} when both are given, or the version is no number of one. */
export function checkTimeTravel({ versionAsOf, timestampAsOf }: TimeTravelOptions): void {
  if (versionAsOf === undefined) return;
  if (timestampAsOf !== undefined) {
    throw new BirdsongError("give versionAsOf or timestampAsOf, not both");
  }
  if (!Number.isSafeInteger(versionAsOf) || versionAsOf < 0) {
    throw new BirdsongError(
      `versionAsOf must be a whole number of at least 0, but is ${versionAsOf}`,
    );
  }
}

/** The last version at or before a time. */
async function versionOfTime(lake: Lakehouse, time: Date | string): Promise<number> {
  const text = typeof time === "string"
    ? time
    : Number.isNaN(time.getTime())
    ? ""
    : time.toISOString();
  // By its number: DuckLake's AT (TIMESTAMP => ...) goes by time alone, and clocks may be set back.
  const [found] = await lake.sql(
    `SELECT TRY_CAST($text AS TIMESTAMPTZ) AS time, max(snapshot_id) AS version
     FROM ${catalog}.ducklake_snapshot
     WHERE snapshot_time::TIMESTAMPTZ <= TRY_CAST($text AS TIMESTAMPTZ)`,
    { text },
  );
  if (found.time === null) {
    throw new BirdsongError(
      `timestampAsOf must be a Date or a text such as "2026-03-01 12:30:00", but is "${time}"`,
    );
  }
  if (found.version !== null) return found.version;
  const { oldest, time: since } = await readableVersions(lake);
  const reason = oldest === 0
    ? `the lake was made at ${since.toISOString()}`
    : `the oldest version that vacuum has left is ${oldest}, of ${since.toISOString()}`;
  throw new BirdsongError(
    `there is no version in ${lake.folder} as early as ${found.time.toISOString()}: ${reason}`,
    { context: { lake: lake.folder, timestampAsOf: text } },
  );
}

async function checkVersion(lake: Lakehouse, version: number): Promise<number> {
  const { oldest, newest } = await readableVersions(lake);
  if (version >= oldest && version <= newest) return version;
  const removed = version < oldest ? "; vacuum has removed the earlier ones" : "";
  throw new BirdsongError(
    `version ${version} cannot be read: ${lake.folder} has the versions ${oldest} to ${newest}` +
      removed,
    { context: { lake: lake.folder, versionAsOf: version } },
  );
}

async function checkTable(lake: Lakehouse, table: string, version: number): Promise<void> {
  const lives = await lake.sql(
    `SELECT tables.begin_snapshot AS first, tables.end_snapshot AS gone
     FROM ${catalog}.ducklake_table AS tables JOIN ${catalog}.ducklake_schema USING (schema_id)
     WHERE schema_name = 'main' AND table_name = $table ORDER BY first`,
    { table },
  );
  if (lives.some(({ first, gone }) => first <= version && (gone === null || version < gone))) {
    return;
  }
  const next = lives.find(({ first }) => first > version);
  const made = next ? `; it was made in version ${next.first}` : "";
  throw new BirdsongError(
    `there was no table "${table}" in version ${version} of ${lake.folder}${made}`,
    { context: { table, versionAsOf: version } },
  );
}

/** The lake's oldest version with its time, and the newest; `vacuum` leaves no gaps between them. */
async function readableVersions(lake: Lakehouse): Promise<Row> {
  const [versions] = await lake.sql(
    `SELECT min(snapshot_id) AS oldest, max(snapshot_id) AS newest,
       arg_min(snapshot_time, snapshot_id)::TIMESTAMPTZ AS time
     FROM ${catalog}.ducklake_snapshot`,
  );
  return versions;
}
