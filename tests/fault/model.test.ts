import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { toJson } from "../../lib/lakehouse/row.ts";
import { projectPath } from "../../lib/paths.ts";
import { openScorer } from "../../lib/sentiment/open_scorer.ts";
import type { Scorer } from "../../lib/sentiment/scorer.ts";
import { WorkerPool } from "../../lib/sentiment/worker_pool.ts";
import type { Session } from "../../lib/streaming/session.ts";
import { startTier, tiers } from "../../lib/tweets/pipeline.ts";
import { withFolder } from "../lakehouse/with_lake.ts";
import { withSession } from "../streaming/with_session.ts";
import { tweet, writeTweets } from "../tweets/tiers.ts";
import { difference } from "./verify.ts";

const tweets = 120;
/** Rows of one batch of gold: the failing text comes in the middle of the second. */
const maxRowsPerTrigger = 40;
const failing = 60;

/** The real scorer with the real model, one of whose workers fails when it is told to. */
async function withScorer(test: (scorer: Scorer, order: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const order = process.env.FAULT_ORDER = join(folder, "order");
    const worker = fileURLToPath(new URL("fixtures/failing_worker.ts", import.meta.url));
    const { open } = WorkerPool;
    WorkerPool.open = (options, size) => open.call(WorkerPool, options, size, worker);
    try {
      const model = projectPath("data/model");
      const scorer = await openScorer({ model, provider: "cpu", workers: 2 });
      await test(scorer, order).finally(() => scorer.close());
    } finally {
      WorkerPool.open = open;
      delete process.env.FAULT_ORDER;
    }
  });
}

/** The rows of every table, without what is another in each run. */
async function rowsOf(session: Session): Promise<Record<string, string[]>> {
  const rows: Record<string, string[]> = {};
  for (const tier of tiers) {
    const columns = tier === "bronze" ? "* EXCLUDE (processing_time, source_file)" : "*";
    rows[tier] = (await session.sql(`SELECT ${columns} FROM ${tier}`)).map((row) => toJson(row));
  }
  return rows;
}

for (const [way, reason] of [["exit", /exit code 3/], ["throw", /out of memory/]] as const) {
  Deno.test(`a model that fails (${way}) in the middle of a batch ends gold with its reason; the next run scores the rest, and nothing twice`, async () => {
    await withScorer(async (scorer, order) => {
      const run = async (session: Session, source: string, tier: typeof tiers[number]) => {
        const query = await startTier[tier]({ session, source, scorer, maxRowsPerTrigger });
        await query.awaitTermination();
        return query;
      };
      const prepare = (source: string) =>
        writeTweets(
          source,
          Array.from({ length: tweets }, (_, number) =>
            tweet({
              text: number === failing ? "the model fails here" : `@ann I like number ${number}`,
            })),
        );
      let expected: Record<string, string[]> = {};
      await withSession(async (session, source) => {
        prepare(source);
        for (const tier of tiers) await run(session, source, tier);
        expected = await rowsOf(session);
      });
      await withSession(async (session, source) => {
        prepare(source);
        await run(session, source, "bronze");
        await run(session, source, "silver");
        writeFileSync(order, way);
        await assert.rejects(run(session, source, "gold"), (error: Error) => {
          assert.match(error.message, reason);
          return true;
        });
        assert.ok(!existsSync(order), "no worker has failed");
        assert.equal(await session.lake.count("gold"), maxRowsPerTrigger);
        // Those before it go on.
        assert.equal((await run(session, source, "silver")).lastProgress, undefined);
        const { recentProgress } = await run(session, source, "gold");
        assert.deepEqual(recentProgress.map(({ batchId }) => batchId), [1, 2]);
        await run(session, source, "application");
        const found = await rowsOf(session);
        for (const tier of tiers) {
          assert.deepEqual(difference(expected[tier], found[tier]), { lost: [], added: [] }, tier);
        }
      });
    });
  });
}
