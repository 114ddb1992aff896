import type { ExpectationResult } from "./expectations.ts";

/**
 * What one batch did, with the fields and meanings of Spark's `StreamingQueryProgress`. It is stored
 * with the batch, in the same transaction, and `readProgress` reads it back.
 *
 * The stored record is written before the commit it is part of, so the times in it end there. The
 * query's own record (`lastProgress`, and what listeners get) is made after the commit and includes
 * it; all else in the two is the same.
 *
 * Spark's fields that are not here:
 * - `eventTime`: the times of a watermark; there is none.
 * - `stateOperators`: what is aggregated or joined over several batches in memory. A stream here
 *   keeps its state in tables, with `foreachBatch`.
 */
export interface StreamingQueryProgress {
  /** The query's id, which survives restarts. */
  id: string;
  /** The id of this run of the query. */
  runId: string;
  name: string;
  /** When the trigger began, ISO 8601 in UTC. */
  timestamp: string;
  /** Counts the query's batches from 0, over all runs. */
  batchId: number;
  /** Milliseconds of the whole trigger, from the look for data to the commit. */
  batchDuration: number;
  numInputRows: number;
  /**
   * How fast rows arrive: those of this batch, by the time from the last trigger's begin to this
   * one's. 0 for a run's first trigger, as nothing is known of the time before.
   */
  inputRowsPerSecond: number;
  /** How fast rows are processed: those of this batch, by `batchDuration`. */
  processedRowsPerSecond: number;
  durationMs: DurationMs;
  /**
   * Rows set aside, other counts of the batch, and what it was made with, by name. Spark has a row of
   * values by name.
   */
  observedMetrics: Record<string, number | string>;
  /** How many of its rows met each expectation of the transform; Spark has no such field. */
  expectations: ExpectationResult[];
  /** What was read; always one source. */
  sources: SourceProgress[];
  sink: SinkProgress;
}

/**
 * Milliseconds by step, under Spark's names. The steps add up to `triggerExecution`.
 *
 * Spark's steps that are not here:
 * - `walCommit`: writing down a batch's offsets before it begins. A batch is one transaction, and
 *   one that did not commit is planned anew.
 * - `queryPlanning`: DuckDB plans each statement as it runs it; part of `addBatch`.
 */
export interface DurationMs {
  /**
   * Looking for new data. 0 where one look serves several batches (`availableNow`) and this is not
   * the first of them.
   */
  latestOffset: number;
  /** Reading the batch's rows from the source. */
  getBatch: number;
  /** The transform, and writing its rows in the transaction. */
  addBatch: number;
  /**
   * The rest of the transaction: waiting for the commits of others, moving the offset, and COMMIT,
   * which the stored record cannot know.
   */
  commitOffsets: number;
  triggerExecution: number;
}

/** What a batch read from its source. */
export interface SourceProgress {
  description: string;
  /** Where the batch begins; null for the first one. The shape is the source's own. */
  startOffset: unknown;
  endOffset: unknown;
  /** The newest offset known when the batch was planned. */
  latestOffset: unknown;
  numInputRows: number;
  inputRowsPerSecond: number;
  processedRowsPerSecond: number;
  /** The source's own figures, such as what waits for the next batch. Numbers; Spark has texts. */
  metrics: Record<string, number>;
}

/** What a batch wrote to its sink. */
export interface SinkProgress {
  description: string;
  numOutputRows: number;
  metrics: {
    /** How often the transaction was tried: more than once where others committed first. */
    commitAttempts: number;
  };
}
