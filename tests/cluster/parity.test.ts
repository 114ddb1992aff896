// The same input through both engines: every tier must hold the same rows.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectPath } from "../../lib/paths.ts";
import { openScorer } from "../../lib/sentiment/open_scorer.ts";
import type { EngineQuery, EngineSession } from "../../lib/streaming/engine.ts";
import { Session } from "../../lib/streaming/session.ts";
import { startTier, tiers } from "../../lib/tweets/pipeline.ts";
import { writeInput } from "./input.ts";
import { sameRows } from "./same_rows.ts";
import { withSpark } from "./with_spark.ts";

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
    await withSpark("parity", async (spark) => {
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
      await sameRows(embedded, spark);
      await embedded.close();
    });
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
