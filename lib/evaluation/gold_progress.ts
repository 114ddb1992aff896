import type { Lakehouse } from "../lakehouse/lakehouse.ts";
import { readProgress } from "../streaming/checkpoint.ts";
import type { StreamingQueryProgress } from "../streaming/progress.ts";

/**
 * The progress of the batches that made gold up to a version, oldest first; none where gold was made
 * without a stream.
 */
export async function goldProgress(
  lake: Lakehouse,
  goldVersion: number,
): Promise<StreamingQueryProgress[]> {
  const [{ streams }] = await lake.sql<{ streams: number }>(
    `SELECT count(*) AS streams FROM duckdb_tables()
     WHERE database_name = 'lake' AND schema_name = 'checkpoint' AND table_name = 'progress'`,
  );
  if (streams === 0) return [];
  const progress = await readProgress(lake, "gold_stream");
  // Later batches were planned when this version was there already.
  return progress.filter(({ sources }) => plannedAt(sources) < goldVersion);
}

/** The lake's version when a batch was planned. */
export function plannedAt(sources: StreamingQueryProgress["sources"]): number {
  return (sources[0].latestOffset as { version: number }).version;
}
