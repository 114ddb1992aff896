import type { StreamingQueryProgress } from "../streaming/progress.ts";
import type { Transform } from "../streaming/transform.ts";
import { expectationResults } from "./expectations.ts";
import { observations, shownMetrics } from "./metrics.ts";

/** The part of Spark's progress JSON that is read here. */
interface SparkProgress {
  id: string;
  runId: string;
  name: string;
  timestamp: string;
  batchId: number;
  durationMs: Record<string, number>;
  sources: {
    description: string;
    startOffset: unknown;
    endOffset: unknown;
    latestOffset: unknown;
    inputRowsPerSecond?: number;
    metrics?: Record<string, string>;
  }[];
  sink: { description: string };
  observedMetrics?: Record<string, ObservedRow>;
}

/** A row of observed values, with the schema that names them. */
interface ObservedRow {
  values: number[];
  schema: { fields: { name: string }[] };
}

/**
 * Spark's progress record with the fields and meanings of the embedded engine's; undefined for that of
 * a trigger that found no data.
 *
 * Spark counts the rows that it reads from the source, which are files where it reads files. What a
 * batch has read and written is observed instead.
 */
export function progressOf(json: string, transform: Transform): StreamingQueryProgress | undefined {
  const spark: SparkProgress = JSON.parse(json);
  const { durationMs, observedMetrics = {}, sources: [source] } = spark;
  if (durationMs.addBatch === undefined) return undefined;
  const input = valuesOf(observedMetrics[observations.input]);
  const checked = valuesOf(observedMetrics[observations.checked]);
  const output = valuesOf(observedMetrics[observations.output]);
  const batchDuration = durationMs.triggerExecution ?? 0;
  const numInputRows = Number(input.numInputRows ?? 0);
  const rates = {
    numInputRows,
    inputRowsPerSecond: source.inputRowsPerSecond ?? 0,
    processedRowsPerSecond: 1000 * numInputRows / Math.max(1, batchDuration),
  };
  return {
    id: spark.id,
    runId: spark.runId,
    name: spark.name,
    timestamp: spark.timestamp,
    batchId: spark.batchId,
    batchDuration,
    ...rates,
    durationMs: {
      latestOffset: durationMs.latestOffset ?? 0,
      getBatch: durationMs.getBatch ?? 0,
      addBatch: durationMs.addBatch,
      commitOffsets: durationMs.commitOffsets ?? 0,
      triggerExecution: batchDuration,
    },
    observedMetrics: shownMetrics(transform, { ...input, ...checked, ...output }),
    expectations: expectationResults(transform, checked),
    sources: [{
      description: source.description,
      startOffset: offsetOf(source.startOffset),
      endOffset: offsetOf(source.endOffset),
      latestOffset: offsetOf(source.latestOffset ?? source.endOffset),
      ...rates,
      metrics: Object.fromEntries(
        Object.entries(source.metrics ?? {}).map(([name, value]) => [name, Number(value)]),
      ),
    }],
    sink: {
      description: spark.sink.description,
      numOutputRows: Number(output.numOutputRows ?? 0),
      metrics: { commitAttempts: 1 },
    },
  };
}

function valuesOf(row: ObservedRow | undefined): Record<string, number> {
  return Object.fromEntries(
    row?.schema.fields.map(({ name }, index) => [name, row.values[index]]) ?? [],
  );
}

/** Spark gives some offsets as JSON, and some as a text of JSON. */
function offsetOf(offset: unknown): unknown {
  return typeof offset === "string" && /^[{[]/.test(offset) ? JSON.parse(offset) : offset ?? null;
}
