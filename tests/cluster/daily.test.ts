// The daily job with its tables on the cluster; its record and its page stay on this machine.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jobHistory } from "../../lib/jobs/job_history.ts";
import { Lakehouse } from "../../lib/lakehouse/lakehouse.ts";
import { stopMlflowServer } from "../../lib/mlflow/server.ts";
import { runScript } from "../scripts/script.ts";
import { tweet, writeTweets } from "../tweets/tiers.ts";
import { withSpark } from "./with_spark.ts";

Deno.test("the daily job runs on the cluster, takes what is new the next day, and keeps its record here", async () => {
  const work = mkdtempSync(join(tmpdir(), "birdsong-daily-"));
  const [source, lake, mlflow] = ["tweets", "lake", "mlflow"].map((name) => join(work, name));
  for (const folder of [source, mlflow]) mkdirSync(folder);
  const texts = ["@ann I love it", "@bob I hate it", "nothing"];
  writeTweets(source, texts.map((text) => tweet({ text })));
  try {
    await withSpark("daily", async (session) => {
      const run = async () => {
        const { code, stderr } = await runScript("daily", ["--lake", lake], {
          BIRDSONG_ENGINE: session.client.server,
          BIRDSONG_SPARK_DATABASE: "birdsong_test_daily",
          BIRDSONG_SOURCE: source,
          BIRDSONG_MLFLOW: mlflow,
        });
        assert.equal(code, 0, stderr);
      };
      await run();
      writeTweets(source, [tweet({ text: "@ann again" })], 1, "new");
      await run();
      assert.equal(await session.count("bronze"), 4);
      assert.equal(await session.count("gold"), 4);
    });
    const local = await Lakehouse.open(lake, { readOnly: true });
    const runs = await jobHistory(local, "daily_job");
    assert.deepEqual(await local.sql("FROM duckdb_tables() WHERE table_name = 'bronze'"), []);
    local.close();
    assert.deepEqual(runs.map(({ step, state, rows }) => `${step} ${state} ${rows}`), [
      "pipeline succeeded 1",
      "evaluation succeeded 4",
      "dashboard succeeded 4",
      "pipeline succeeded 3",
      "evaluation succeeded 3",
      "dashboard succeeded 3",
    ]);
    const page = readFileSync(join(lake, "dashboard.html"), "utf8");
    assert.match(page, /<dt>Tweets<\/dt><dd>4<\/dd>/);
  } finally {
    await stopMlflowServer(mlflow);
    rmSync(work, { recursive: true });
  }
});
