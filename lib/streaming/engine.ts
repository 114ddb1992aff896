import type { Schema } from "../lakehouse/sql_text.ts";
import type { ReadOptions } from "./data_stream_reader.ts";
import type { WriteOptions } from "./data_stream_writer.ts";
import type { Session } from "./session.ts";
import type { ForeachBatch } from "./sink.ts";
import type { StreamingQuery } from "./streaming_query.ts";
import type { Transform } from "./transform.ts";
import type { Trigger } from "./triggers/trigger.ts";

/**
 * What an engine has to offer to run the pipeline: the words of a SparkSession. DuckDB in this process
 * ({@linkcode Session}) and a Spark cluster have them both.
 */
export interface EngineSession extends Pick<Session, "sql" | "table" | "close"> {
  readonly readStream: EngineReader;
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
