import type { ExpectationResult } from "./expectations.ts";
import type { DurationMs, SinkProgress, StreamingQueryProgress } from "./progress.ts";
import type { LoadedBatch } from "./sources/source.ts";

/** What is known of a batch. */
export interface BatchFacts {
  id: string;
  runId: string;
  name: string;
  batchId: number;
  /** When its trigger began, in milliseconds since 1970. */
  start: number;
  /** When the trigger before it began in this run; undefined for the first one. */
  lastStart: number | undefined;
  durationMs: DurationMs;
  observed: StreamingQueryProgress["observedMetrics"];
  expectations: ExpectationResult[];
  source: string;
  startOffset: unknown;
  loaded: LoadedBatch;
  sink: SinkProgress;
}

/** A batch's progress record. */
export function batchProgress(facts: BatchFacts): StreamingQueryProgress {
  const { id, runId, name, batchId, durationMs, loaded } = facts;
  const { numInputRows } = loaded;
  const batchDuration = durationMs.triggerExecution;
  const rates = {
    numInputRows,
    inputRowsPerSecond: facts.lastStart === undefined
      ? 0
      : perSecond(numInputRows, facts.start - facts.lastStart),
    processedRowsPerSecond: perSecond(numInputRows, batchDuration),
  };
  return {
    id,
    runId,
    name,
    timestamp: new Date(facts.start).toISOString(),
    batchId,
    batchDuration,
    ...rates,
    durationMs,
    observedMetrics: facts.observed,
    expectations: facts.expectations,
    sources: [{
      description: facts.source,
      startOffset: facts.startOffset ?? null,
      endOffset: loaded.endOffset,
      latestOffset: loaded.latestOffset,
      ...rates,
      metrics: loaded.metrics ?? {},
    }],
    sink: facts.sink,
  };
}

function perSecond(rows: number, milliseconds: number): number {
  // The clock counts whole milliseconds.
  return 1000 * rows / Math.max(1, milliseconds);
}
