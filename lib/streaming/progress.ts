/**
 * What one batch did, with the fields of Spark's `StreamingQueryProgress`. It is stored with the
 * batch, in the same transaction.
 */
export interface StreamingQueryProgress {
  /** The query's id, which survives restarts. */
  id: string;
  /** The id of this run of the query. */
  runId: string;
  name: string;
  /** When the batch began, ISO 8601 in UTC. */
  timestamp: string;
  batchId: number;
  /** Milliseconds from planning to commit. */
  batchDuration: number;
  numInputRows: number;
  inputRowsPerSecond: number;
  processedRowsPerSecond: number;
  /** Milliseconds by step. */
  durationMs: {
    /** Finding new data. */
    latestOffset: number;
    /** Loading it. */
    getBatch: number;
    /** The transform. */
    addBatch: number;
    /** Committing rows, offset and this record. */
    commitBatch: number;
    triggerExecution: number;
  };
  /** Rows set aside, other counts of the batch, and what it was made with, by name. */
  observedMetrics: Record<string, number | string>;
  sources: {
    description: string;
    startOffset: unknown;
    endOffset: unknown;
    latestOffset: unknown;
    numInputRows: number;
    metrics: Record<string, number>;
  }[];
  sink: { description: string; numOutputRows: number };
}
