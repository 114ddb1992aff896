import { resolve } from "node:path";
import { BirdsongError } from "../errors.ts";
import type { Lakehouse } from "../lakehouse/lakehouse.ts";
import type { Schema } from "../lakehouse/sql_text.ts";
import { byteSize } from "./sources/byte_size.ts";
import { DataStream } from "./data_stream.ts";
import { defaultLimits } from "./default_limits.ts";
import { FileSource } from "./sources/file_source.ts";
import { type SchemaEvolutionMode, schemaEvolutionModes } from "./sources/schema_evolution.ts";
import type { StreamSource } from "./sources/source.ts";
import type { StreamingQueryManager } from "./streaming_query_manager.ts";
import { TableSource } from "./sources/table_source.ts";

/** What can be set on a reader, with Spark's names. */
export interface ReadOptions {
  /** Files that one batch takes at most. @default 20000 */
  maxFilesPerTrigger?: number;
  /**
   * Bytes on disk that one batch takes, such as `"100m"` or `"10g"`. The file that reaches it is the
   * last one of the batch, and whole: of files of 3 GB, a batch of `"10g"` takes four. Where both
   * limits are given, the one reached first counts. @default no limit
   */
  maxBytesPerTrigger?: number | string;
  /**
   * Set aside `.gz` files that cannot be unpacked, instead of ending the stream; the table
   * `checkpoint.files` says which, and why. @default false
   */
  ignoreCorruptFiles?: boolean;
  /**
   * What to do with fields of the files that the schema has no column for: `rescue`,
   * `addNewColumns`, `failOnNewColumns` or `none`; see {@linkcode schemaEvolutionModes}. Auto Loader's
   * default for a given schema is `none`, which loses them.
   *
   * @default "rescue"
   */
  schemaEvolutionMode?: SchemaEvolutionMode;
  /** Rows that one batch of a table takes at most. @default 100000 */
  maxRowsPerTrigger?: number;
}

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

  /**
   * Sets options beside those that are set already.
   *
   * @throws {BirdsongError} for a limit that is none, or an unknown `schemaEvolutionMode`.
   */
  options(options: ReadOptions): this {
    for (const name of ["maxFilesPerTrigger", "maxRowsPerTrigger"] as const) {
      const value = options[name];
      if (value !== undefined && (!Number.isInteger(value) || value < 1)) {
        throw new BirdsongError(`${name} must be a whole number of at least 1, but is ${value}`);
      }
    }
    const { maxBytesPerTrigger, schemaEvolutionMode: mode } = options;
    if (mode !== undefined && !schemaEvolutionModes.includes(mode)) {
      throw new BirdsongError(
        `schemaEvolutionMode must be one of ${schemaEvolutionModes.join(", ")}, but is ${mode}`,
      );
    }
    if (maxBytesPerTrigger !== undefined) byteSize("maxBytesPerTrigger", maxBytesPerTrigger);
    this.#options = { ...this.#options, ...options };
    return this;
  }

  /** Reads the JSON files of a folder, those there now and those to come. */
  json(folder: string): DataStream {
    if (!this.#schema) throw new BirdsongError("a file source needs schema({...}) before json()");
    const {
      maxFilesPerTrigger = defaultLimits.maxFilesPerTrigger,
      maxBytesPerTrigger,
      ignoreCorruptFiles,
      schemaEvolutionMode = "rescue",
    } = this.#options;
    return this.#stream(
      new FileSource(this.lake, {
        folder: resolve(folder),
        schema: this.#schema,
        maxFilesPerTrigger,
        maxBytesPerTrigger: maxBytesPerTrigger === undefined
          ? undefined
          : byteSize("maxBytesPerTrigger", maxBytesPerTrigger),
        ignoreCorruptFiles,
        schemaEvolutionMode,
      }),
    );
  }

  /** Reads the rows of a table, those there now and those to come. */
  table(name: string): DataStream {
    const limit = this.#options.maxRowsPerTrigger ?? defaultLimits.maxRowsPerTrigger;
    return this.#stream(new TableSource(this.lake, name, limit));
  }

  #stream(source: StreamSource): DataStream {
    return new DataStream(this.streams, source);
  }
}
