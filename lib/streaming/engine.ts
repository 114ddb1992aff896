import type { Schema } from "../lakehouse/sql_text.ts";
import type { ReadOptions } from "./data_stream_reader.ts";
import type { WriteOptions } from "./data_stream_writer.ts";
import type { StreamingQueryProgress } from "./progress.ts";
import type { Session } from "./session.ts";
import type { ForeachBatch } from "./sink.ts";
import type { StreamingQuery } from "./streaming_query.ts";
import type { StreamingQueryManager } from "./streaming_query_manager.ts";
import type { Transform } from "./transform.ts";
import type { Trigger } from "./triggers/trigger.ts";

/**
 * What an engine has to offer to run the pipeline and its notebooks: the words of a SparkSession, and
 * of Delta's tables. DuckDB in this process ({@linkcode Session}) and a Spark cluster have them all.
 */
export interface EngineSession extends
  Pick<
    Session,
    | "sql"
    | "table"
    | "tableExists"
    | "count"
    | "asOf"
    | "history"
    | "tableVersion"
    | "fingerprint"
    | "originOf"
    | "optimize"
    | "vacuum"
    | "readProgress"
    | "listStreams"
    | "stopAllStreams"
    | "clearPreviousRun"
    | "describe"
    | "close"
  > {
  readonly readStream: EngineReader;
  readonly streams: EngineQueryManager;
  /** Where the tables are: a folder or URI. */
  readonly location: string;
}

/** What runs the streams, and with what. */
export interface EngineDescription {
  /** Name and version, such as `DuckDB v1.5.5` or `Spark 4.1.4`. */
  engine: string;
  /** Where the tables are: a folder or URI. */
  tables: string;
  /** What works side by side: DuckDB's threads, or the tasks that all executors run at once. */
  threads: number;
  /** The cores that they share. */
  cores: number;
  /** What DuckDB takes at most, or each executor. */
  memory: string;
}

/** What a version of a table was made of. */
export interface TableOrigin {
  /** The stream's batches up to this version, oldest first; none where it was made without one. */
  progress: StreamingQueryProgress[];
  /** The version that the last of them has read; undefined where nobody knows. */
  sourceVersion: number | undefined;
}

/** What `vacuum` has removed. */
export interface VacuumSummary {
  deletedFiles: number;
  /** Versions that can no longer be read; null where the engine does not say (Delta). */
  forgottenVersions: number | null;
}

/** The running queries of a session: Spark's `spark.streams`. */
export interface EngineQueryManager extends Pick<StreamingQueryManager, "addListener" | "stopAll"> {
  readonly active: readonly EngineQuery[];
  get(nameOrId: string): EngineQuery | undefined;
}

/** Begins a stream. */
export interface EngineReader {
  schema(schema: Schema): EngineReader;
  options(options: ReadOptions): EngineReader;
  json(folder: string): EngineStream;
  table(name: string): EngineStream;
}

/** Rows on their way. */
export interface EngineStream {
  transform(transform: Transform): EngineStream;
  readonly writeStream: EngineWriter;
}

/** Ends a stream. */
export interface EngineWriter {
  queryName(name: string): EngineWriter;
  trigger(trigger: Trigger): EngineWriter;
  options(options: WriteOptions): EngineWriter;
  toTable(name: string): Promise<EngineQuery>;
  foreachBatch(table: string, schema: Schema, merge: ForeachBatch): Promise<EngineQuery>;
}

/** A running stream. */
export type EngineQuery = Pick<StreamingQuery, keyof StreamingQuery>;
