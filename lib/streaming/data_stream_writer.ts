import { BirdsongError } from "../errors.ts";
import type { Schema } from "../lakehouse/sql_text.ts";
import { checkQueryName } from "./query_name.ts";
import { type ForeachBatch, ForeachBatchSink, type Sink, TableSink } from "./sink.ts";
import type { StreamSource } from "./sources/source.ts";
import type { StreamingQuery } from "./streaming_query.ts";
import type { StreamingQueryManager } from "./streaming_query_manager.ts";
import type { Transform } from "./transform.ts";
import { checkTrigger, defaultTrigger, type Trigger } from "./triggers/trigger.ts";

/** What can be set on a writer, with Delta's name. */
export interface WriteOptions {
  /** Add the stream's new columns to the table instead of refusing them. @default false */
  mergeSchema?: boolean;
}

/** Ends a stream: `writeStream.queryName("bronze_stream").trigger({...}).toTable("bronze")`. */
export class DataStreamWriter {
  #name: string | undefined;
  #trigger = defaultTrigger;
  #options: WriteOptions = {};

  constructor(
    private readonly streams: StreamingQueryManager,
    private readonly source: StreamSource,
    private readonly transform: Transform,
  ) {}

  /** The query's name: its checkpoint is kept under it. */
  queryName(name: string): this {
    checkQueryName(name);
    this.#name = name;
    return this;
  }

  /**
   * When the query looks for data. Without a trigger, it looks again as soon as a batch is committed,
   * and runs until it is stopped.
   *
   * @throws {BirdsongError} when it is none of Spark's triggers, or one that is not supported.
   */
  trigger(trigger: Trigger): this {
    checkTrigger(trigger);
    this.#trigger = trigger;
    return this;
  }

  /** Sets options beside those that are set already. */
  options(options: WriteOptions): this {
    this.#options = { ...this.#options, ...options };
    return this;
  }

  /** Starts the query; its rows are appended to the table, which is made where there is none. */
  toTable(name: string): Promise<StreamingQuery> {
    return this.#start(new TableSink(name, this.#options.mergeSchema ?? false));
  }

  /**
   * Starts the query; each batch goes to `merge`, in the batch's transaction.
   *
   * @param table The table that `merge` writes, which is made where there is none.
   */
  foreachBatch(table: string, schema: Schema, merge: ForeachBatch): Promise<StreamingQuery> {
    return this.#start(new ForeachBatchSink(table, schema, merge));
  }

  #start(sink: Sink): Promise<StreamingQuery> {
    if (!this.#name) throw new BirdsongError("a stream needs queryName(...) before it starts");
    const { source, transform } = this;
    return this.streams.start({
      name: this.#name,
      source,
      transform,
      sink,
      trigger: this.#trigger,
    });
  }
}
