import { BirdsongError } from "../errors.ts";
import type { Schema } from "../lakehouse/sql_text.ts";
import type { ReadOptions } from "../streaming/data_stream_reader.ts";
import { defaultLimits } from "../streaming/default_limits.ts";
import type { EngineReader } from "../streaming/engine.ts";
import type { RelationInit } from "./client/plans.ts";
import { DeltaSource } from "./delta_source.ts";
import type { SparkSession } from "./spark_session.ts";
import { SparkStream } from "./spark_stream.ts";
import { sparkColumns, sparkLiteral } from "./sql.ts";
import { executorCommand } from "./executor_command.ts";

/** What a stream reads, in Spark's words. */
export interface SparkSource {
  /** The streaming relation. */
  relation: RelationInit;
  /** SQL of the rows, over a view of that relation. */
  rows(view: string): string;
  /** Aggregates over the rows for the progress record, by name. */
  observe: Readonly<Record<string, string>>;
  /** The table that is read, for `foreachBatch`; undefined for files. */
  table?: DeltaSource;
}

/** Begins a stream: `readStream.schema(raw).json(folder)`, or `readStream.table("bronze")`. */
export class SparkStreamReader implements EngineReader {
  #schema: Schema | undefined;
  #options: ReadOptions = {};

  constructor(private readonly session: SparkSession) {}

  /** The columns that the files hold; all are text. */
  schema(schema: Schema): this {
    const other = Object.keys(schema).find((name) => schema[name] !== "VARCHAR");
    if (other !== undefined) {
      throw new BirdsongError(
        `column "${other}" of the files is ${schema[other]}; ` +
          "on Spark, a column of files is VARCHAR",
      );
    }
    this.#schema = schema;
    return this;
  }

  /**
   * Sets options beside those that are set already.
   *
   * @throws {BirdsongError} for what a file source on Spark does not do.
   */
  options(options: ReadOptions): this {
    if ((options.schemaEvolutionMode ?? "rescue") !== "rescue") {
      throw new BirdsongError('on Spark, schemaEvolutionMode is always "rescue"');
    }
    if (options.ignoreCorruptFiles) {
      throw new BirdsongError("on Spark, a .gz file that cannot be unpacked ends the stream");
    }
    this.#options = { ...this.#options, ...options };
    return this;
  }

  /** Reads the JSON files of a folder or URI that all of the cluster reach. */
  json(folder: string): SparkStream {
    const schema = this.#schema;
    if (!schema) throw new BirdsongError("a file source needs schema({...}) before json()");
    const command = executorCommand(this.session.executorProject, {
      task: "read",
      folder,
      columns: Object.keys(schema),
    });
    const record =
      sparkColumns({ ...schema, _rescued_data: "VARCHAR", _corrupt_record: "VARCHAR" }) +
      ", _metadata STRUCT<file_path: STRING, file: STRING, line: BIGINT>";
    return new SparkStream(this.session, {
      relation: streamOf({
        case: "dataSource",
        value: {
          format: "binaryFile",
          schema: "path STRING, modificationTime TIMESTAMP, length BIGINT, content BINARY",
          paths: [folder],
          options: this.#fileOptions(),
        },
      }),
      // Base64, because tabs and newlines separate what the process gets; Spark breaks it into lines.
      rows: (view) =>
        `SELECT record.* FROM (
           SELECT from_json(line, ${sparkLiteral(record)}, ${ownCorruptRecord}) AS record FROM (
             SELECT TRANSFORM(${inOneLine("encode(path, 'UTF-8')")}, ${inOneLine("content")})
               USING ${command} AS (line STRING) FROM ${view}))`,
      observe: {
        corruptRecords: "count(_corrupt_record)",
        rescuedRecords: "count(_rescued_data)",
      },
    });
  }

  /**
   * Reads the rows of a Delta table. Delta counts files, not rows: a batch takes those of
   * `maxFilesPerTrigger` files, and `maxRowsPerTrigger` has no effect. A batch of a stream with
   * `foreachBatch` is made of whole versions, and heeds these two ({@linkcode DeltaSource}).
   */
  table(name: string): SparkStream {
    const { maxFilesPerTrigger, maxBytesPerTrigger } = this.#options;
    return new SparkStream(this.session, {
      relation: streamOf({
        case: "namedTable",
        value: {
          unparsedIdentifier: name,
          options: textOptions({ maxFilesPerTrigger, maxBytesPerTrigger }),
        },
      }),
      rows: (view) => `SELECT * FROM ${view}`,
      observe: {},
      table: new DeltaSource(this.session, name, this.#options),
    });
  }

  #fileOptions(): Record<string, string> {
    const { maxFilesPerTrigger, maxBytesPerTrigger } = this.#options;
    return textOptions({
      maxFilesPerTrigger: maxFilesPerTrigger ?? defaultLimits.maxFilesPerTrigger,
      maxBytesPerTrigger,
      recursiveFileLookup: true,
      pathGlobFilter: "*.{json,jsonl,ndjson,json.gz,jsonl.gz,ndjson.gz}",
    });
  }
}

type ReadType = Extract<RelationInit["relType"], { case: "read" }>["value"]["readType"];

/** The streaming relation of a folder or a table. */
function streamOf(readType: ReadType): RelationInit {
  return { relType: { case: "read", value: { isStreaming: true, readType } } };
}

// Else, from_json would take the column of this name for its own.
const ownCorruptRecord = "map('columnNameOfCorruptRecord', '_not_of_this_reader')";

function inOneLine(binary: string): string {
  return `translate(base64(${binary}), '\\r\\n', '')`;
}

function textOptions(
  options: Record<string, string | number | boolean | undefined>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, String(value)]),
  );
}
