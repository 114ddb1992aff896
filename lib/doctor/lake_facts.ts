import { BirdsongError } from "../errors.ts";
import { catalog, qualifiedName } from "../lakehouse/catalog_tables.ts";
import type { Connection } from "../lakehouse/connection.ts";
import type { Lakehouse } from "../lakehouse/lakehouse.ts";
import { readProgress } from "../streaming/checkpoint.ts";
import { listStreams } from "../streaming/processes/list_streams.ts";
import { tiers } from "../tweets/pipeline.ts";

/** What one table's newest version takes on the disk. */
export interface TableFiles {
  /** The table; those of the streams' state are `checkpoint.<name>`. */
  table: string;
  /** Parquet files: data and lists of deleted rows. */
  files: number;
  bytes: number;
  /** Rows of each data file, in the order of the files. */
  fileRows: number[];
}

/** One batch that a stream has committed. */
export interface CommittedBatch {
  stream: string;
  inputRows: number;
  outputRows: number;
}

/** What the lake itself says, without an experiment. */
export interface LakeFacts {
  /** The lake's version that was looked at. */
  version: number;
  tables: TableFiles[];
  batches: CommittedBatch[];
  /** Streams that were running, in whatever process: times are theirs, too. */
  running: string[];
  /** DuckDB's `memory_limit` for the lake. */
  memoryLimitBytes: number;
  /** DuckDB's `threads` for the lake. */
  threads: number;
}

/**
 * Reads the facts of a lake: version and tables in the transaction of `connection`; batches and
 * streams as they are now, which may be a batch further.
 */
export async function lakeFacts(lake: Lakehouse, connection: Connection): Promise<LakeFacts> {
  const settings = await connection.row(
    `SELECT (SELECT id FROM lake.current_snapshot()) AS version,
       current_setting('memory_limit') AS memory, current_setting('threads') AS threads`,
  );
  const batches: CommittedBatch[] = [];
  for (const tier of tiers) {
    for (const { name, numInputRows, sink } of await readProgress(lake, `${tier}_stream`)) {
      batches.push({ stream: name, inputRows: numInputRows, outputRows: sink.numOutputRows });
    }
  }
  const streams = await listStreams(lake);
  return {
    version: settings!.version,
    tables: await tableFiles(connection),
    batches,
    running: streams.filter(({ state }) => state === "running").map(({ name }) => name),
    memoryLimitBytes: bytesOf(settings!.memory),
    threads: Number(settings!.threads),
  };
}

async function tableFiles(connection: Connection): Promise<TableFiles[]> {
  return await connection.rows(
    `WITH data AS (
       SELECT table_id, list(record_count ORDER BY data_file_id) AS file_rows
       FROM ${catalog}.ducklake_data_file WHERE end_snapshot IS NULL GROUP BY table_id)
     SELECT ${qualifiedName}
         AS table,
       file_count + delete_file_count AS files,
       file_size_bytes + delete_file_size_bytes AS bytes,
       coalesce(file_rows, []) AS "fileRows"
     FROM ducklake_table_info('lake')
     JOIN ${catalog}.ducklake_schema AS schemas USING (schema_id)
     LEFT JOIN data USING (table_id)
     WHERE schemas.end_snapshot IS NULL ORDER BY table_id`,
  ) as unknown as TableFiles[];
}

const units: Record<string, number> = {
  bytes: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** A size as DuckDB writes it, such as `18.8 GiB`. */
function bytesOf(text: string): number {
  const [number, unit] = text.split(" ");
  if (!(unit in units)) throw new BirdsongError(`DuckDB has a memory_limit of "${text}"`);
  return Number(number) * units[unit];
}
