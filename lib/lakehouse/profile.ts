import type { Connection } from "./connection.ts";
import type { Lakehouse } from "./lakehouse.ts";

/**
 * What DuckDB measured of a query. Left out is what DuckDB 1.5 counts wrong: rows scanned (once per
 * thread) and bytes read (without what scans read).
 */
export interface QueryProfile {
  seconds: number;
  /** Sum over all threads. */
  cpuSeconds: number;
  /** Most bytes in memory at a time. */
  peakMemoryBytes: number;
  /** Most bytes in temporary files at a time: what did not fit into memory. */
  spillBytes: number;
}

/** Runs a query, drops its rows, and tells what it took. */
export async function profileQuery(lake: Lakehouse, sql: string): Promise<QueryProfile> {
  const connection = await lake.connect();
  try {
    return await profileStatement(connection, sql);
  } finally {
    connection.close();
  }
}

/** Does the same on a connection of one's own, for a statement that needs its temporary tables. */
export async function profileStatement(
  connection: Connection,
  sql: string,
): Promise<QueryProfile> {
  await connection.run("SET profiling_mode = 'detailed'");
  const plan = await connection.row(`EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`)
    // Left on, it would print the profile of every later statement.
    .finally(() => connection.run("PRAGMA disable_profiling"));
  const profile = JSON.parse(plan!.explain_value);
  return {
    seconds: profile.latency,
    cpuSeconds: profile.cpu_time,
    peakMemoryBytes: profile.system_peak_buffer_memory,
    spillBytes: profile.system_peak_temp_dir_size,
  };
}
