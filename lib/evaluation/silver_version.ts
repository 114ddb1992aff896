import { history } from "../lakehouse/history.ts";
import type { Lakehouse } from "../lakehouse/lakehouse.ts";
import { readProgress } from "../streaming/checkpoint.ts";

/**
 * The version of silver that a version of gold was made of: not always the newest before it,
 * because silver may have grown while the batch was scored.
 */
export async function silverVersionOf(lake: Lakehouse, goldVersion: number): Promise<number> {
  const read = await versionReadBy(lake, goldVersion) ?? goldVersion;
  const changes = (await history(lake, "silver"))
    .filter(({ version, operation }) => version <= read && operation !== "OPTIMIZE");
  // Where the change itself is forgotten, the version that was read still names the same rows.
  return changes[0]?.version ?? read;
}

/** The lake's version when gold_stream planned its last batch up to a version of gold. */
async function versionReadBy(lake: Lakehouse, goldVersion: number): Promise<number | undefined> {
  // Gold may have been made without a stream.
  const [{ streams }] = await lake.sql<{ streams: number }>(
    `SELECT count(*) AS streams FROM duckdb_tables()
     WHERE database_name = 'lake' AND schema_name = 'checkpoint' AND table_name = 'progress'`,
  );
  if (streams === 0) return undefined;
  const planned = (await readProgress(lake, "gold_stream"))
    .map(({ sources }) => (sources[0].latestOffset as { version: number }).version);
  // Later batches were planned when this version was there already.
  return planned.filter((version) => version < goldVersion).at(-1);
}
