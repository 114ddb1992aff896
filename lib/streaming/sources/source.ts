import type { Connection } from "../../lakehouse/connection.ts";
import type { Schema } from "../../lakehouse/sql_text.ts";

/** What a source needs to know when its query starts. */
export interface SourceContext {
  /** The query's own connection. */
  connection: Connection;
  queryName: string;
  /** Where the last committed batch ended; undefined before the first one. */
  offset: unknown;
  /** The columns that the stream makes of the source's; no new column can have one of their names. */
  outputColumns: readonly string[];
  /** The source's columns that the stream reads; undefined for all. */
  inputColumns?: readonly string[];
}

/** One batch of input, loaded into a temporary relation. */
export interface LoadedBatch {
  numInputRows: number;
  /** Where the batch ends; kept in the checkpoint as JSON. */
  endOffset: unknown;
  /** The newest offset known when the batch was planned. */
  latestOffset: unknown;
  /** Counts of the batch's rows for the progress record, such as corrupt lines. */
  observed?: Record<string, number>;
  /** Figures of the source for the progress record, such as files that wait. */
  metrics?: Record<string, number>;
  /** What the source must keep besides its offset, written in the batch's transaction. */
  record?(connection: Connection, batchId: number): Promise<void>;
}

/** How much one batch takes: as much as the reader's options say, or all that there is. */
export type ReadLimit = "options" | "allAvailable";

/** Something that a stream reads: a folder of files, or a table. */
export interface StreamSource {
  /** For the progress record: `FileStreamSource[/data/tweets]`. */
  readonly description: string;
  /**
   * Columns that the source has found by itself, beyond those it was told of; known when it is open.
   * Undefined where it looks for none.
   */
  readonly addedColumns?: Schema;
  /** Called once, when the query starts. */
  open(context: SourceContext): Promise<void>;
  /** Looks for data that has come since: what `load` gives from now on. */
  refresh(): Promise<void>;
  /**
   * Loads the next batch into the temporary relation `relation` of the query's connection.
   * Undefined when everything that `refresh` has seen is taken.
   */
  load(
    relation: string,
    signal: AbortSignal,
    limit: ReadLimit,
  ): Promise<LoadedBatch | undefined>;
  /** Whether there is data that no committed batch has taken; looks anew, beside a running batch. */
  isDataAvailable(): Promise<boolean>;
  /** The batch that was loaded last has been committed. */
  committed(): void;
}
