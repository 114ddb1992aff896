import assert from "node:assert/strict";
import { describeMachine } from "../../lib/machine.ts";
import { formatScale, type ScaleRun } from "../../scripts/spark/scale_report.ts";

Deno.test("the report shows what a batch costs anyhow, and what another worker brings", () => {
  const run = (workers: number, seconds: number): ScaleRun => ({
    workers,
    tiers: [
      { tier: "gold", rows: 1100, batches: 2, seconds, smallBatchSeconds: 2.5, bytes: 136_400 },
    ],
  });
  const report = formatScale({
    date: "2026-03-01T12:00:00.000Z",
    machine: { ...describeMachine(), cores: 4 },
    load: [0.5, 2],
    tweets: 1000,
    files: 10,
    runs: [run(1, 25), run(2, 10), run(3, 5)],
  });
  const rows = report.split("\n").slice(3).map((line) => line.trim().split(/ {2,}/));
  assert.deepEqual(rows, [
    ["1", "gold", "1100", "2", "25.0", "40", "2.5", "50", "136", "1.00"],
    ["2", "gold", "1100", "2", "10.0", "100", "2.5", "200", "136", "2.50"],
    // Nothing is left that would grow with the tweets.
    ["3", "gold", "1100", "2", "5.0", "200", "2.5", "too few", "136", "5.00"],
  ]);
  assert.match(
    report,
    /^1000 tweets in 10 files; 4 cores, .*load average 0\.5 before and 2\.0 after/,
  );
});
