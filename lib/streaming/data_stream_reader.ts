import { resolve } from "node:path";
import { BirdsongError } from "../errors.ts";
import type { Lakehouse } from "../lakehouse/lakehouse.ts";
import type { Schema } from "../lakehouse/sql_text.ts";
import { DataStream } from "./data_stream.ts";
import { FileSource } from "./file_source.ts";
import type { StreamSource } from "./source.ts";
import type { StreamingQueryManager } from "./streams.ts";
import { TableSource } from "./table_source.ts";

/** What can be set on a reader, with Spark's names. */
export interface ReadOptions {
  /** Files that one batch takes at most. @default 20000 */
  maxFilesPerTrigger?: number;
  /** Rows that one batch of a table takes at most. @default 20000 */
  maxRowsPerTrigger?: number;
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
