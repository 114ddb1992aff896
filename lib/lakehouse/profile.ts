import type { Lakehouse } from "./lakehouse.ts";

/** What DuckDB measured of a query. */
export interface QueryProfile {
  seconds: number;
  /** Sum over all threads. */
  cpuSeconds: number;
  rowsScanned: number;
  /** Bytes read from files. */
  bytesRead: number;
  /** Most bytes in memory at a time. */
  peakMemoryBytes: number;
  /** Most bytes in temporary files at a time: what did not fit into memory. */
  spillBytes: number;
}

/** Runs a query, drops its rows, and tells what it took. */
export async function profileQuery(lake: Lakehouse, sql: string): Promise<QueryProfile> {
  const connection = await lake.connect();
  try {
    await connection.run("SET profiling_mode = 'detailed'");
    const plan = await connection.row(`EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`);
    const profile = JSON.parse(plan!.explain_value);
    return {
      seconds: profile.latency,
      cpuSeconds: profile.cpu_time,
      rowsScanned: profile.cumulative_rows_scanned,
      bytesRead: profile.total_bytes_read,
      peakMemoryBytes: profile.system_peak_buffer_memory,
      spillBytes: profile.system_peak_temp_dir_size,
    };
  } finally {
    connection.close();
  }
}
