// The same input through both engines: every tier must hold the same rows.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectPath } from "../../lib/paths.ts";
import type { Row } from "../../lib/lakehouse/row.ts";
import { openScorer } from "../../lib/sentiment/open_scorer.ts";
import type { EngineQuery, EngineSession } from "../../lib/streaming/engine.ts";
import { Session } from "../../lib/streaming/session.ts";
import { startTier, tiers } from "../../lib/tweets/pipeline.ts";
import { writeInput } from "./input.ts";
import { openSpark } from "./open_spark.ts";

const scoreTolerance = 1e-4;

Deno.test("both engines make the same rows of the same files, in every tier", async () => {
  const source = mkdtempSync(join(tmpdir(), "birdsong parity's "));
  const lake = mkdtempSync(join(tmpdir(), "birdsong-parity-"));
  const scorer = await openScorer({
    model: projectPath("data/model"),
    provider: "cpu",
    workers: 1,
    log: () => {},
  });
  try {
    const spark = await openSpark("parity");
    const embedded = await Session.open(lake);
    const batches: number[] = [];
    for (const round of [0, 1] as const) {
      writeInput(source, round);
      const run = (session: EngineSession) => runPipeline(session, source, scorer);
      const [here, there] = [await run(embedded), await run(spark)];
      compareProgress(here, there);
      batches.push(there[0].recentProgress.length);
    }
    assert(batches[0] + batches[1] > 10, `bronze took only ${batches} batches`);
    for (const tier of tiers) {
      const [expected, found] = [await embedded.table(tier), await spark.table(tier)];
      assert(expected.length > 0);
      compareRows(tier, expected, found);
    }
    await spark.close();
    await embedded.close();
  } finally {
    await scorer.close();
    rmSync(source, { recursive: true });
    rmSync(lake, { recursive: true });
  }
});

async function runPipeline(
  session: EngineSession,
  source: string,
  scorer: Parameters<typeof startTier.gold>[0]["scorer"],
): Promise<EngineQuery[]> {
  const queries: EngineQuery[] = [];
  for (const tier of tiers) {
    const query = await startTier[tier]({ session, source, scorer, maxFilesPerTrigger: 1 });
    await query.awaitTermination();
    queries.push(query);
  }
  return queries;
}

/** The same rows in and out and set aside, however they were cut into batches. */
function compareProgress(expected: readonly EngineQuery[], found: readonly EngineQuery[]): void {
  for (const [index, tier] of tiers.entries()) {
    assert.deepEqual(totals(found[index]), totals(expected[index]), tier);
  }
}

function totals({ name, recentProgress }: EngineQuery): Record<string, number> {
  const sums: Record<string, number> = {};
  const add = (key: string, value: unknown) => {
    if (typeof value === "number") sums[key] = (sums[key] ?? 0) + value;
  };
  for (const { numInputRows, sink, observedMetrics, expectations } of recentProgress) {
    add("rows in", numInputRows);
    // Rows of a merge depend on how many batches there were.
    if (name !== "application_stream") add("rows out", sink.numOutputRows);
    for (const metric of ["corruptRecords", "rescuedRecords", "withoutText", "withoutMention"]) {
      add(metric, observedMetrics[metric]);
    }
    for (const { name, failedRecords } of expectations) add(name, failedRecords);
  }
  return sums;
}

function compareRows(tier: string, expected: Row[], found: Row[]): void {
  const [left, right] = [expected, found].map((rows) => rows.map(comparable).sort(byKey));
  assert.deepEqual(right.map(({ key }) => key), left.map(({ key }) => key), tier);
  for (const [index, { score }] of left.entries()) {
    const difference = Math.abs((score ?? 0) - (right[index].score ?? 0));
    assert(difference <= scoreTolerance, `${tier}: scores differ by ${difference}`);
  }
}

/** A row without what differs from run to run, as a text, and its score apart. */
function comparable(row: Row): { key: string; score: number | undefined } {
  const { processing_time: _, predicted_score: score, ...rest } = row;
  const columns = Object.entries(rest).sort(([left], [right]) => left < right ? -1 : 1);
  return { key: JSON.stringify(columns), score };
}

function byKey(left: { key: string }, right: { key: string }): number {
  return left.key < right.key ? -1 : left.key > right.key ? 1 : 0;
}
