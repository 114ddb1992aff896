import assert from "node:assert/strict";
import { progressOf } from "../../lib/spark/progress.ts";
import { silver } from "../../lib/tweets/silver.ts";

const row = (values: Record<string, number>) => ({
  values: Object.values(values),
  schema: { fields: Object.keys(values).map((name) => ({ name })) },
});

const record = {
  id: "i",
  runId: "r",
  name: "silver_stream",
  timestamp: "2026-03-01T12:00:00.000Z",
  batchId: 7,
  durationMs: {
    latestOffset: 1,
    getBatch: 2,
    addBatch: 300,
    commitOffsets: 40,
    triggerExecution: 400,
  },
  sources: [{
    description: "DeltaSource",
    startOffset: null,
    endOffset: '{"logOffset":0}',
    metrics: { n: "3" },
  }],
  sink: { description: "DeltaSink" },
  observedMetrics: {
    birdsong_input: row({ numInputRows: 10, corruptRecords: 1, withoutText: 2 }),
    birdsong_output: row({ numOutputRows: 9 }),
    birdsong_checked: row({
      checkedRows: 9,
      "not: the date parses": 4,
      "not: the sentiment is known": 0,
    }),
  },
};

Deno.test("Spark's progress has the fields and meanings of the embedded engine's", () => {
  const progress = progressOf(JSON.stringify(record), silver)!;
  assert.equal(progress.batchId, 7);
  assert.equal(progress.batchDuration, 400);
  // Spark's own count is that of the files; what was observed is that of the rows.
  assert.equal(progress.numInputRows, 10);
  assert.equal(progress.processedRowsPerSecond, 25);
  assert.equal(progress.sink.numOutputRows, 9);
  assert.deepEqual(progress.observedMetrics, { corruptRecords: 1, withoutText: 2 });
  assert.deepEqual(progress.expectations, [
    { name: "the date parses", action: "warn", passedRecords: 5, failedRecords: 4 },
    { name: "the sentiment is known", action: "warn", passedRecords: 9, failedRecords: 0 },
  ]);
  assert.deepEqual(progress.sources[0].endOffset, { logOffset: 0 });
  assert.deepEqual(progress.sources[0].metrics, { n: 3 });
});

Deno.test("a trigger that found no data has no record", () => {
  const idle = {
    ...record,
    durationMs: { latestOffset: 1, triggerExecution: 1 },
    observedMetrics: {},
  };
  assert.equal(progressOf(JSON.stringify(idle), silver), undefined);
});
