import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openMlflow } from "../../lib/mlflow/open_mlflow.ts";
import { registerModel } from "../../lib/mlflow/registry.ts";
import { stopMlflowServer } from "../../lib/mlflow/server.ts";
import { projectPath, projectRoot } from "../../lib/paths.ts";
import { findModel } from "../../lib/sentiment/find_model.ts";
import { parameters } from "../../lib/settings.ts";
import { withHub } from "../hub/with_hub.ts";
import { withFolder } from "../lakehouse/with_lake.ts";
import { runScript } from "../scripts/script.ts";
import { tweet, writeTweets } from "../tweets/tiers.ts";

const bert = fileURLToPath(new URL("fixtures/models/bert", import.meta.url));
const filesOf = (folder: string) =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((path) => /\.(json|onnx)$/.test(path) && path !== "expected.json")
      .map((path) => [path.replaceAll("\\", "/"), readFileSync(join(folder, path))]),
  );

/** Scores a text with a command that is given the model by this name; returns the positive score. */
async function score(model: string, folder: string, env: Record<string, string>): Promise<number> {
  const text = join(folder, "in.jsonl");
  writeFileSync(text, '{"text":"what a day"}\n');
  const end = await runScript(
    "score",
    ["--in", text, "--out", "-", "--model", model, "--provider", "cpu"],
    env,
  );
  assert.equal(end.code, 0, end.stderr);
  return JSON.parse(end.stdout).positive;
}

Deno.test("a folder is found, and called by its path in the project", async () => {
  const settings = { ...parameters(), model: projectPath("data/model") };
  assert.deepEqual(await findModel(settings), { folder: settings.model, name: "data/model" });
  await withFolder(async (folder) => {
    assert.deepEqual(await findModel({ ...settings, model: folder }), { folder, name: folder });
  });
});

Deno.test("score takes a model by its name on the hub, by its folder, and from the cache offline", async () => {
  await withFolder((folder) =>
    withHub(filesOf(bert), async (server) => {
      const env = { HF_ENDPOINT: server.hub.endpoint, HF_HUB_OFFLINE: "" };
      try {
        const expected = await score(bert, folder, env);
        assert.equal(await score("owner/tiny-model", folder, env), expected);
        await server.stop();
        assert.equal(
          await score("owner/tiny-model", folder, { ...env, HF_HUB_OFFLINE: "1" }),
          expected,
        );
      } finally {
        rmSync(projectPath("output/models/hub/owner--tiny-model"), {
          recursive: true,
          force: true,
        });
      }
    })
  );
});

Deno.test("score and pipeline take a model by its URI in MLflow's registry", async () => {
  await withFolder(async (folder) => {
    const settings = { ...parameters(), mlflow: join(folder, "mlflow"), mlflowUri: null };
    const client = await openMlflow({ ...settings, mlflowPort: null });
    try {
      const name = `TEST_${crypto.randomUUID().slice(0, 8)}`;
      const registered = await registerModel({ client, name, folder: bert, alias: "production" });
      const env = { BIRDSONG_MLFLOW: settings.mlflow, MLFLOW_TRACKING_URI: client.uri };
      const expected = await score(bert, folder, env);
      for (const uri of [`models:/${name}@production`, `models:/${name}/1`]) {
        assert.equal(await score(uri, folder, env), expected);
        const found = await findModel({ ...settings, mlflowUri: client.uri, model: uri });
        assert.equal(found.name, `models:/${name}/1`);
      }
      const source = join(folder, "tweets");
      mkdirSync(source);
      writeTweets(source, [tweet({ text: "@ann what a day" })]);
      const lake = join(folder, "lake");
      const end = await runScript(
        "pipeline",
        [
          "--source",
          source,
          "--lake",
          lake,
          "--model",
          `models:/${name}/1`,
          "--provider",
          "cpu",
          "--json",
        ],
        env,
      );
      assert.equal(end.code, 0, end.stderr);
      assert.equal(JSON.parse(end.stdout).tables.gold.rows, 1);
      const cached = `output/models/${name}-v1-${registered.sha256.slice(0, 12)}`;
      rmSync(join(projectRoot, cached), { recursive: true });
    } finally {
      await stopMlflowServer(settings.mlflow);
    }
  });
});
