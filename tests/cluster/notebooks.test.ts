// The notebooks on the cluster, headless, as they stand.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stopMlflowServer } from "../../lib/mlflow/server.ts";
import { projectPath } from "../../lib/paths.ts";
import { makeSample } from "../../lib/tweets/sample/ensure_source.ts";
import { notebookFiles } from "../../scripts/notebooks/notebook_files.ts";
import { runNotebooks } from "../../scripts/notebooks/run_notebooks.ts";
import { withSpark } from "./with_spark.ts";

const onBoth = ["00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "12", "13"];
const embeddedOnly = ["11"];

/** What the code cells of an executed notebook have printed to standard error. */
function printedErrors(file: string): string[] {
  const { cells } = JSON.parse(readFileSync(file, "utf8"));
  return cells.flatMap(({ outputs = [] }: { outputs?: { name?: string; text?: string[] }[] }) =>
    outputs.filter(({ name }) => name === "stderr").map(({ text = [] }) => [text].flat().join(""))
  );
}

Deno.test("the notebooks run on the cluster; one that cannot says so in a sentence", async () => {
  const work = mkdtempSync(join(tmpdir(), "birdsong-notebooks-"));
  const [source, lake, mlflow, out] = ["tweets", "lake", "mlflow", "out"]
    .map((name) => join(work, name));
  const tweets = 300;
  await makeSample(source, { tweets, files: 60, seed: 1 });
  mkdirSync(mlflow);
  try {
    await withSpark("notebooks", async (session) => {
      const environment = {
        BIRDSONG_ENGINE: session.client.server,
        BIRDSONG_SPARK_DATABASE: "birdsong_test_notebooks",
        BIRDSONG_SOURCE: source,
        BIRDSONG_LAKE: lake,
        BIRDSONG_MLFLOW: mlflow,
      };
      const run = async (numbers: string[]) =>
        (await runNotebooks({
          notebooks: notebookFiles(projectPath("notebooks"), numbers),
          kernel: "deno",
          out,
          environment,
        })).results;
      for (const { notebook, state, failure } of await run(onBoth)) {
        assert.equal(state, "passed", `${notebook}: ${failure?.error}`);
        for (const text of printedErrors(join(out, notebook))) {
          assert.match(text, /^On Spark, maxRowsPerTrigger has no effect .*\n$/, notebook);
        }
      }
      for (const number of embeddedOnly) {
        const [{ notebook, failure }] = await run([number]);
        assert.equal(failure?.cell, 1, notebook);
        assert.match(
          failure.error,
          /BIRDSONG_ENGINE is sc:.*, but this notebook runs on the embedded engine only: unset it/,
        );
      }
      const [{ lines }] = await session.sql("SELECT count(*) AS lines FROM bronze");
      const [{ scored }] = await session.sql("SELECT count(DISTINCT tweet_id) AS scored FROM gold");
      const [{ mentions }] = await session.sql("SELECT sum(total) AS mentions FROM application");
      const [{ expected }] = await session.sql("SELECT count(mention) AS expected FROM gold");
      assert.deepEqual({ lines, scored, mentions }, {
        lines: tweets,
        scored: tweets,
        mentions: expected,
      });
    });
  } finally {
    await stopMlflowServer(mlflow);
    rmSync(work, { recursive: true });
  }
});
