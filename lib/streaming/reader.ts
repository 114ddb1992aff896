import { resolve } from "node:path";
import { BirdsongError } from "../errors.ts";
import type { Lakehouse } from "../lakehouse/lakehouse.ts";
import type { Schema } from "../lakehouse/sql_text.ts";
import { FileSource } from "./file_source.ts";
import { type ForeachBatch, ForeachBatchSink, type Sink, TableSink } from "./sink.ts";
import type { StreamSource } from "./source.ts";
import type { StreamingQuery } from "./streaming_query.ts";
import type { StreamingQueryManager } from "./streams.ts";
import { TableSource } from "./table_source.ts";
import type { Transform } from "./transform.ts";
import { intervalOf, type Trigger } from "./trigger.ts";

/** What can be set on a reader, with Spark's names. */
export interface ReadOptions {
  /** Files that one batch takes at most. @default 20000 */
  maxFilesPerTrigger?: number;
  /** Rows that one batch of a table takes at most. @default 20000 */
  maxRowsPerTrigger?: number;
}

/** What can be set on a writer, with Delta's name. */
export interface WriteOptions {
  /** Add the stream's new columns to the table instead of refusing them. @default false */
  mergeSchema?: boolean;
}

const defaultLimit = 20_000;

/** Begins a stream: `readStream.schema(raw).json(folder)`, or `readStream.table("bronze")`. */
export class DataStreamReader {
  #schema: Schema | undefined;
  #options: ReadOptions = {};

  constructor(
    private readonly lake: Lakehouse,
    private readonly streams: StreamingQueryManager,
  ) {}

  /** The columns that the files hold. A file source has no other way to know them. */
  schema(schema: Schema): this {
    this.#schema = schema;
    return this;
  }

  options(options: ReadOptions): this {
    for (const [name, value] of Object.entries(options)) {
      if (value !== undefined && (!Number.isInteger(value) || value < 1)) {
        throw new BirdsongError(`${name} must be a whole number of at least 1, but is ${value}`);
      }
    }
    this.#options = { ...this.#options, ...options };
    return this;
  }

  /** Reads the JSON files of a folder, those there now and those to come. */
  json(folder: string): DataStream {
    if (!this.#schema) throw new BirdsongError("a file source needs schema({...}) before json()");
    return this.#stream(
      new FileSource({
        folder: resolve(folder),
        schema: this.#schema,
        maxFilesPerTrigger: this.#options.maxFilesPerTrigger ?? defaultLimit,
      }),
    );
  }

  /** Reads the rows of a table, those there now and those to come. */
  table(name: string): DataStream {
    const limit = this.#options.maxRowsPerTrigger ?? defaultLimit;
    return this.#stream(new TableSource(this.lake, name, limit));
  }

  #stream(source: StreamSource): DataStream {
    return new DataStream(this.streams, source);
  }
}

/** Rows on their way: what Spark calls a streaming DataFrame. */
export class DataStream {
  constructor(
    private readonly streams: StreamingQueryManager,
    private readonly source: StreamSource,
    private readonly transformation?: Transform,
  ) {}

  /** Says what happens to each batch. */
  transform(transform: Transform): DataStream {
    return new DataStream(this.streams, this.source, transform);
  }

  /** Says where the rows go, and when. */
  get writeStream(): DataStreamWriter {
    if (!this.transformation) {
      throw new BirdsongError("a stream needs transform(...) before writeStream");
    }
    return new DataStreamWriter(this.streams, this.source, this.transformation);
  }
}

/** Ends a stream: `writeStream.queryName("bronze_stream").trigger({...}).toTable("bronze")`. */
export class DataStreamWriter {
  #name: string | undefined;
  #trigger: Trigger = { availableNow: true };
  #options: WriteOptions = {};

  constructor(
    private readonly streams: StreamingQueryManager,
    private readonly source: StreamSource,
    private readonly transform: Transform,
  ) {}

  /** The query's name: its checkpoint is kept under it. */
  queryName(name: string): this {
    if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name)) {
      throw new BirdsongError(
        `a query name must be letters, digits and _, and begin with a letter, but is "${name}"`,
      );
    }
    this.#name = name;
    return this;
  }

  /** @default { availableNow: true } */
  trigger(trigger: Trigger): this {
    if ("processingTime" in trigger) intervalOf(trigger.processingTime);
    this.#trigger = trigger;
    return this;
  }

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
