/** What a query is doing right now, in Spark's words. */
export interface StreamingQueryStatus {
  /**
   * `Initializing StreamExecution`, `Getting offsets from ...`, `Processing new data`, `Waiting for
   * data to arrive`, `Waiting for next trigger`, `Stopped` or `Terminated with exception: ...`.
   */
  message: string;
  /** Whether the last look has found data. */
  isDataAvailable: boolean;
  /** Whether the query looks for data or processes it, rather than waits. */
  isTriggerActive: boolean;
}
