import assert from "node:assert/strict";
import { join } from "node:path";
import { runNotebooks } from "../../scripts/notebooks/run_notebooks.ts";
import { notebookFiles } from "../../scripts/notebooks/notebook_files.ts";
import { Lakehouse } from "../../lib/lakehouse/lakehouse.ts";
import { stopMlflowServer } from "../../lib/mlflow/server.ts";
import { projectPath } from "../../lib/paths.ts";
import { makeSample } from "../../lib/tweets/sample/ensure_source.ts";

const tables: Record<string, string> = {
  // When a row was written differs from run to run.
  bronze: "SELECT * EXCLUDE processing_time FROM bronze ORDER BY ALL",
  silver: "FROM silver ORDER BY ALL",
  gold: "FROM gold ORDER BY ALL",
  application: "FROM application ORDER BY ALL",
};

Deno.test("the same notebooks make the same tables on both kernels", async () => {
  const folder = await Deno.makeTempDir();
  const source = join(folder, "tweets");
  const mlflow = join(folder, "mlflow");
  await makeSample(source, { tweets: 300, files: 60, seed: 7 });
  try {
    const made: Record<string, unknown>[] = [];
    for (const kernel of ["deno", "tslab"] as const) {
      const lake = join(folder, kernel);
      const { results } = await runNotebooks({
        notebooks: notebookFiles(projectPath("notebooks"), ["00", "03", "04", "05", "09"]),
        kernel,
        out: join(folder, "out"),
        timeout: 600,
        environment: {
          BIRDSONG_SOURCE: source,
          BIRDSONG_LAKE: lake,
          BIRDSONG_MLFLOW: mlflow,
          BIRDSONG_SCORE_CACHE: "false", // both have to ask the model
        },
        onEvent: () => {},
      });
      assert.deepEqual(results.map(({ state }) => state), Array(5).fill("passed"), kernel);
      made.push(await readTables(lake));
    }
    const [onDeno, onTslab] = made;
    for (const table of Object.keys(tables)) {
      assert.ok((onDeno[table] as unknown[]).length > 0, `${table} has rows`);
      assert.deepEqual(onTslab[table], onDeno[table], table);
    }
  } finally {
    await stopMlflowServer(mlflow);
    await Deno.remove(folder, { recursive: true });
  }
});

async function readTables(folder: string): Promise<Record<string, unknown>> {
  const lake = await Lakehouse.open(folder, { readOnly: true });
  const rows: Record<string, unknown> = {};
  for (const [table, query] of Object.entries(tables)) rows[table] = await lake.sql(query);
  lake.close();
  return rows;
}
