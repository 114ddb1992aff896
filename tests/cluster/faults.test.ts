// What dies in the middle of a batch: an executor, the process that drives a merge, a worker, the server.
// After it, every tier must hold the rows that the embedded engine makes of the same files.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { projectPath } from "../../lib/paths.ts";
import { openScorer } from "../../lib/sentiment/open_scorer.ts";
import { SparkSession } from "../../lib/spark/spark_session.ts";
import type { EngineQuery, EngineSession } from "../../lib/streaming/engine.ts";
import { Session } from "../../lib/streaming/session.ts";
import { startTier, tiers } from "../../lib/tweets/pipeline.ts";
import { writeInput } from "./input.ts";
import { sameRows } from "./same_rows.ts";
import { TestCluster } from "./test_cluster.ts";

const database = "birdsong_test_faults";

Deno.test("whatever is killed, no row is lost and none is there twice", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "birdsong-faults-"));
  const [staged, source] = [join(folder, "staged"), join(folder, "source")];
  for (const name of [staged, source]) mkdirSync(name);
  for (const round of [0, 1] as const) writeInput(staged, round);
  const scorer = await openScorer({
    model: projectPath("data/model"),
    provider: "cpu",
    workers: 1,
    log: () => {},
  });
  const embedded = await Session.open(join(folder, "lake"));
  try {
    await TestCluster.run(async (cluster) => {
      let spark = await SparkSession.open(cluster.address, { database });
      const start = (tier: typeof tiers[number], session: EngineSession = spark) =>
        startTier[tier]({ session, source, scorer, maxFilesPerTrigger: 3 });
      const run = async (tier: typeof tiers[number], session?: EngineSession) => {
        const query = await start(tier, session);
        await query.awaitTermination();
        return query;
      };
      const check = async () => {
        for (const tier of tiers) await run(tier, embedded);
        await sameRows(embedded, spark);
      };

      await t.step("an executor that scores", async () => {
        addFiles(staged, source, 0);
        for (const tier of ["bronze", "silver"] as const) await run(tier);
        await killedWhileScoring(await start("gold"), async () => {
          process.kill((await cluster.executorAtWork()).executor, "SIGKILL");
        });
        await run("application");
        await check();
      });

      await t.step(
        "the process that drives a merge, before Delta's commit and after it",
        async () => {
          addFiles(staged, source, 1);
          for (const tier of ["bronze", "silver", "gold"] as const) await run(tier);
          const versions = async () => (await spark.history("application")).length;
          const before = await versions();
          driveUntilKilled(cluster.address, "before");
          assert.deepEqual([await lastBatchIsDone(spark), await versions()], [false, before]);
          driveUntilKilled(cluster.address, "after");
          assert.deepEqual([await lastBatchIsDone(spark), await versions()], [false, before + 1]);
          await run("application");
          assert.deepEqual([await lastBatchIsDone(spark), await versions()], [true, before + 1]);
          await check();
        },
      );

      await t.step("a worker, with its executor", async () => {
        addFiles(staged, source, 2);
        for (const tier of ["bronze", "silver"] as const) await run(tier);
        await killedWhileScoring(await start("gold"), async () => {
          process.kill((await cluster.executorAtWork()).worker, "SIGKILL");
        });
        await run("application");
        await check();
      });

      await t.step(
        "the server, in a batch and between Delta's commit and the commit log",
        async () => {
          addFiles(staged, source, 3);
          for (const tier of ["bronze", "silver"] as const) await run(tier);
          const gold = await start("gold");
          await cluster.executorAtWork();
          cluster.killServer();
          forgetLastCommit(spark.location, "bronze_stream");
          forgetLastCommit(spark.location, "silver_stream");
          await cluster.restart();
          await assert.rejects(gold.awaitTermination(), /does not know this session any more/);
          spark = await SparkSession.open(cluster.address, { database });
          const versions = async () => (await spark.history("bronze")).length;
          const before = await versions();
          for (const tier of tiers) await run(tier);
          assert.equal(await versions(), before, "a batch that Delta had was written again");
          await check();
        },
      );
      await spark.close();
    });
  } finally {
    await embedded.close();
    await scorer.close();
    rmSync(folder, { recursive: true });
  }
});

/** The next quarter of the files appears in the source. */
function addFiles(staged: string, source: string, quarter: number): void {
  for (const [index, file] of readdirSync(staged).sort().entries()) {
    if (index % 4 === quarter) copyFileSync(join(staged, file), join(source, file));
  }
}

/** Kills something while gold's first batch is scored, and waits for the stream's end. */
async function killedWhileScoring(gold: EngineQuery, kill: () => Promise<void>): Promise<void> {
  await kill();
  assert.equal(gold.lastProgress, undefined, "the batch was done before");
  await gold.awaitTermination();
}

/** Runs the application's stream in a process of its own, which is killed in its first batch. */
function driveUntilKilled(address: string, moment: "before" | "after"): void {
  const script = fileURLToPath(new URL("killed_driver.ts", import.meta.url));
  const { signal, stderr } = spawnSync(
    process.execPath,
    ["run", "-A", "--no-check", script, address, database, moment],
    { encoding: "utf8" },
  );
  assert.equal(signal, "SIGKILL", stderr);
}

async function lastBatchIsDone(spark: SparkSession): Promise<boolean> {
  const [{ done }] = await spark.sql("SELECT done FROM birdsong_batches");
  return done;
}

/** What a crash between Delta's commit and the commit log leaves: the log does not know the batch. */
function forgetLastCommit(location: string, query: string): void {
  const checkpoints = fileURLToPath(location.replace(/^file:\/*/, "file:///") + "/_checkpoints");
  const [checkpoint] = readdirSync(checkpoints).filter((name) => name.startsWith(`${query}-`));
  const commits = join(checkpoints, checkpoint, "commits");
  const batches = readdirSync(commits).filter((name) => /^\d+$/.test(name)).map(Number);
  const last = Math.max(...batches);
  for (const name of [`${last}`, `.${last}.crc`]) rmSync(join(commits, name));
}
