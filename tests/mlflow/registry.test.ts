import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { cpSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { BirdsongError } from "../../lib/errors.ts";
import { hashFile } from "../../lib/hash_file.ts";
import { MlflowClient } from "../../lib/mlflow/client.ts";
import { loadModel } from "../../lib/mlflow/load_model.ts";
import { killTree } from "../../lib/kill_tree.ts";
import { registerModel } from "../../lib/mlflow/registry.ts";
import { searchRuns } from "../../lib/mlflow/search_runs.ts";
import { ensureMlflowServer, findMlflowServer, stopMlflowServer } from "../../lib/mlflow/server.ts";
import type { MlflowServer } from "../../lib/mlflow/server.ts";
import { projectPath } from "../../lib/paths.ts";
import { SmallDisk } from "../fault/small_disk.ts";

// One server for the whole file: the tests build on one another, in this order. The characters in
// the folder's name have a meaning in the URIs that MLflow is given.
const root = await Deno.makeTempDir();
const folder = join(root, "50% #1? data");
const cacheFolder = join(root, "cache");
const modelFolder = projectPath("data/model");
const ENSURE_SERVER = join(import.meta.dirname!, "ensure_server.ts");
const NAME = "HF_TWEET_SENTIMENT";
let server: MlflowServer;
let client: MlflowClient;

Deno.test.afterAll(async () => {
  await stopMlflowServer(folder);
  await Deno.remove(root, { recursive: true });
});

Deno.test("two processes that ask for the server at once get the same one", async () => {
  const ask = async (): Promise<MlflowServer> => {
    const args = ["run", "-A", ENSURE_SERVER, folder];
    return JSON.parse((await promisify(execFile)(Deno.execPath(), args)).stdout);
  };
  const [first, second] = await Promise.all([ask(), ask()]);
  assert.equal(first.uri, second.uri);
  assert.equal(first.pid, second.pid);
  assert.deepEqual([first.started, second.started].sort(), [false, true]);

  // Both processes have ended, and the server lives on.
  server = await ensureMlflowServer({ folder });
  assert.deepEqual(server, { ...first, started: false });
  client = new MlflowClient(server.uri);
});

Deno.test("the server listens on 127.0.0.1 and refuses foreign hosts and origins", async () => {
  const status = async (headers: Record<string, string>): Promise<number | undefined> => {
    const url = `${server.uri}/ajax-api/2.0/mlflow/experiments/create`;
    const sent = httpRequest(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
    });
    sent.end('{"name":""}');
    const [answer] = await once(sent, "response");
    answer.resume();
    await once(answer, "close");
    return answer.statusCode;
  };
  assert.match(server.uri, /^http:\/\/127\.0\.0\.1:[0-9]+$/);
  assert.equal(await status({}), 400, "an experiment without a name");
  assert.equal(await status({ host: "10.example.org" }), 403);
  assert.equal(await status({ origin: "http://example.org" }), 403);
});

Deno.test("loadModel() of an unknown model says what there is and what to do", async () => {
  await assert.rejects(
    loadModel({ client, uri: `models:/${NAME}@production`, cacheFolder }),
    /has no model "HF_TWEET_SENTIMENT" \(its models: none\).*00_run_me_first/,
  );
});

Deno.test("a registered model is loaded back byte for byte, by every form of its URI", async () => {
  const registered = await registerModel({
    client,
    name: NAME,
    folder: modelFolder,
    alias: "production",
  });
  assert.equal(registered.version, 1);
  assert.equal(registered.uploaded, true);
  for (const end of ["@production", "/1", "/latest", "/production", "/Production"]) {
    const loaded = await loadModel({ client, uri: `models:/${NAME}${end}`, cacheFolder });
    const { name, version, runId, sha256 } = registered;
    assert.deepEqual(loaded, { folder: loaded.folder, name, version, runId, sha256 }, end);
    await assertSameModel(loaded.folder);
  }
  const folders = [...Deno.readDirSync(cacheFolder)].map((entry) => entry.name);
  assert.equal(folders.length, 1, "downloaded once");
});

Deno.test("registering the same content again uploads nothing, wherever it lies", async () => {
  const { folder: downloaded } = await loadModel({ client, uri: `models:/${NAME}/1`, cacheFolder });
  for (const folder of [modelFolder, downloaded]) {
    const again = await registerModel({ client, name: NAME, folder, alias: "production" });
    assert.equal(again.version, 1);
    assert.equal(again.uploaded, false);
  }
});

Deno.test("the same content registered by two at once becomes one version", async () => {
  const name = "AT_ONCE";
  const folder = await smallModel("at once");
  const register = () => registerModel({ client, name, folder, alias: "production" });
  const both = await Promise.all([register(), register()]);
  assert.deepEqual(both.map(({ uploaded }) => uploaded).sort(), [false, true]);
  const [first] = both.filter(({ uploaded }) => uploaded);
  for (const one of both) assert.deepEqual({ ...one, uploaded: true }, first);
  assert.deepEqual((await client.getRegisteredModel(name))?.aliases, { production: first.version });
  const versions = await client.listModelVersions(name);
  assert.deepEqual(versions.map(({ version }) => version), [first.version]);
  const experiment = await client.getOrCreateExperiment("birdsong-models");
  const runs = await searchRuns(client, experiment, 10, `attributes.run_name = '${name}'`);
  assert.deepEqual(runs.map(({ runId }) => runId), [first.runId]);
  const loaded = { client, uri: `models:/${name}@production`, cacheFolder: join(root, "at once") };
  assert.equal((await loadModel(loaded)).sha256, first.sha256);
});

Deno.test("an answer that is lost makes no second version of what was registered", async () => {
  const name = "ASKED_TWICE";
  let lost = 0;
  const proxy = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (asked) => {
    const { pathname, search } = new URL(asked.url);
    const { method } = asked;
    const body = method === "GET" ? undefined : await asked.bytes();
    const headers = { "content-type": asked.headers.get("content-type") ?? "" };
    const answer = await fetch(server.uri + pathname + search, { method, headers, body });
    const bytes = await answer.bytes();
    if (!pathname.endsWith("/model-versions/create") || lost++ > 0) {
      return new Response(bytes, { status: answer.status });
    }
    return new Response("the connection broke", { status: 502 });
  });
  try {
    const through = new MlflowClient(`http://127.0.0.1:${proxy.addr.port}`);
    const folder = await smallModel("asked twice");
    const made = await registerModel({ client: through, name, folder, alias: "production" });
    assert.equal(lost, 2);
    assert.deepEqual([made.version, made.uploaded], [1, true]);
    const versions = await client.listModelVersions(name);
    assert.deepEqual(versions.map(({ version, runId }) => [version, runId]), [[1, made.runId]]);
    const runs = await searchRuns(
      client,
      await client.getOrCreateExperiment("birdsong-models"),
      10,
      `attributes.run_name = '${name}' AND attributes.status = 'FINISHED'`,
    );
    assert.deepEqual(runs.map(({ runId }) => runId), [made.runId]);
  } finally {
    await proxy.shutdown();
  }
});

Deno.test("a changed model becomes a new version, and the alias moves there", async () => {
  const changed = await smallModel("changed");
  const second = await registerModel({ client, name: NAME, folder: changed, alias: "production" });
  assert.equal(second.version, 2);
  const load = (end: string) => loadModel({ client, uri: `models:/${NAME}${end}`, cacheFolder });
  assert.equal((await load("@production")).version, 2);
  assert.equal((await load("/latest")).version, 2);
  assert.equal((await load("/1")).version, 1);

  // The first one's files again: the alias moves back, and no version is made.
  const back = await registerModel({
    client,
    name: NAME,
    folder: modelFolder,
    alias: "production",
  });
  assert.deepEqual([back.version, back.uploaded], [1, false]);
  assert.equal((await load("/production")).version, 1);
  assert.equal((await load("/latest")).version, 2);
});

Deno.test("loadModel() names the aliases and versions there are", async () => {
  const load = (end: string) => loadModel({ client, uri: `models:/${NAME}${end}`, cacheFolder });
  await assert.rejects(load("@champion"), /has no alias "champion" \(its aliases: production\)/);
  await assert.rejects(load("@Production"), /has no alias "Production"/);
  await assert.rejects(load("/staging"), /has no alias "staging"/);
  await assert.rejects(load("/7"), /has no version 7 \(its versions: 2, 1\)/);
});

Deno.test("loadModel() repairs a damaged copy, and callers at once share one", async () => {
  const load = () => loadModel({ client, uri: `models:/${NAME}/1`, cacheFolder });
  const { folder } = await load();
  const file = join(folder, "onnx/model_int8.onnx");

  await Deno.truncate(file, 1000);
  await load();
  await assertSameModel(folder);

  const bytes = await Deno.readFile(file);
  bytes[bytes.length >> 1] ^= 1; // same size
  await Deno.writeFile(file, bytes);
  await load();
  await assertSameModel(folder);

  // Of a model of this name, and of a process that was killed: both long ago.
  const [other, unfinished] = ["download-er-v1-0123456789ab", "download~123456"];
  for (const name of [other, unfinished]) {
    await Deno.mkdir(join(cacheFolder, name));
    await Deno.utime(join(cacheFolder, name), 0, 0);
  }
  await Deno.remove(folder, { recursive: true });
  const both = await Promise.all([load(), load()]);
  assert.deepEqual(both[0], both[1]);
  await assertSameModel(folder);
  const left = [...Deno.readDirSync(cacheFolder)].map(({ name }) => name)
    .filter((name) => !name.startsWith("HF_"));
  assert.deepEqual(left, [other]);
});

Deno.test({
  name: "a full disk ends loadModel() with what to do, and nothing half-written stays",
  ignore: !SmallDisk.isPossible,
  async fn() {
    const disk = new SmallDisk(4); // less than the model
    try {
      const load = { client, uri: `models:/${NAME}/1`, cacheFolder: disk.folder };
      await assert.rejects(loadModel(load), (error: Error) => {
        assert.ok(error instanceof BirdsongError && error.message.includes(`to ${disk.folder}: `));
        assert.match(
          error.message,
          /^cannot write the model HF_TWEET_SENTIMENT .*no space left.*Make room on its disk/,
        );
        return true;
      });
      assert.deepEqual([...Deno.readDirSync(disk.folder)], []);
    } finally {
      disk.remove();
    }
  },
});

Deno.test("loadModel() names a folder that cannot be written to", async () => {
  const file = await Deno.makeTempFile({ dir: root });
  await assert.rejects(
    loadModel({ client, uri: `models:/${NAME}/1`, cacheFolder: join(file, "models") }),
    { name: "BirdsongError", message: /^cannot write .*models: ENOTDIR: .*that can be written to/ },
  );
});

Deno.test("registerModel() refuses a folder that holds no model", async () => {
  const empty = await Deno.makeTempDir({ dir: root });
  const register = (folder: string) =>
    registerModel({ client, name: NAME, folder, alias: "production" });
  await assert.rejects(register(empty), /config\.json, tokenizer\.json, onnx\/\*\.onnx missing/);
  await assert.rejects(register(join(empty, "nowhere")), /cannot read the model folder/);
});

Deno.test("Python's MLflow client sees the alias, the flavors and the same files", async () => {
  const target = await Deno.makeTempDir({ dir: root });
  const script = `
import json, sys, mlflow
mlflow.set_tracking_uri(sys.argv[1])
uri = "models:/${NAME}@production"
version = mlflow.MlflowClient().get_model_version_by_alias("${NAME}", "production")
path = mlflow.artifacts.download_artifacts(uri, dst_path=sys.argv[2])
info = mlflow.models.get_model_info(uri)
print(json.dumps([int(version.version), version.run_id, path, info.flavors]))`;
  const { stdout } = await promisify(execFile)(
    projectPath(".venv/bin/python"),
    ["-c", script, server.uri, target],
    { env: { ...Deno.env.toObject(), MLFLOW_DISABLE_TELEMETRY: "true" } },
  );
  const [version, runId, path, flavors] = JSON.parse(stdout.trim().split("\n").at(-1)!);
  assert.equal(version, 1);
  assert.equal(runId, (await client.getModelVersion(NAME, 1))?.runId);
  await assertSameModel(path);
  assert.equal(flavors.onnx.data, "onnx/model_int8.onnx");
  assert.equal(flavors.python_function.loader_module, "mlflow.onnx");
});

Deno.test("a version carries signature, input example, model card, figures and tags", async () => {
  const folder = await smallModel(
    "---\nlicense: apache-2.0\nbase_model: some/base\n---\n# A tiny model\n" + "x".repeat(6000),
  );
  const metrics = { macro_recall: 0.5, accuracy: 0.75 };
  await Deno.writeTextFile(join(folder, "evaluation.json"), JSON.stringify({ metrics }));
  const { version, sha256 } = await registerModel({ client, name: "TINY", folder, alias: "tiny" });
  const script = `
import json, sys, mlflow
mlflow.set_tracking_uri(sys.argv[1])
client = mlflow.MlflowClient()
version = client.get_model_version("TINY", sys.argv[3])
path = mlflow.artifacts.download_artifacts("models:/TINY@tiny", dst_path=sys.argv[2])
model = mlflow.models.Model.load(path)
example = model.load_input_example(path)
print(json.dumps({
    "tags": version.tags, "description": version.description,
    "metrics": client.get_run(version.run_id).data.metrics,
    "inputs": {one.name: [str(one.type), one.shape] for one in model.signature.inputs},
    "outputs": {one.name: [str(one.type), one.shape] for one in model.signature.outputs},
    "example": {name: [str(array.dtype), array.tolist()] for name, array in example.items()},
}))`;
  const target = await Deno.makeTempDir({ dir: root });
  const { stdout } = await promisify(execFile)(
    projectPath(".venv/bin/python"),
    ["-c", script, server.uri, target, String(version)],
    { env: { ...Deno.env.toObject(), MLFLOW_DISABLE_TELEMETRY: "true" } },
  );
  const found = JSON.parse(stdout.trim().split("\n").at(-1)!);
  assert.deepEqual(found.tags, {
    base: "some/base",
    license: "apache-2.0",
    quantization: "none",
    sha256: await hashFile(join(folder, "onnx/model.onnx")),
    "birdsong.sha256": sha256,
  });
  assert.deepEqual(found.metrics, metrics);
  assert.match(found.description, /^# A tiny model\nx+…$/);
  assert.equal(found.description.length, 5000);
  const tokens = ["int64", [-1, -1]];
  assert.deepEqual(found.inputs, {
    input_ids: tokens,
    attention_mask: tokens,
    token_type_ids: tokens,
  });
  assert.deepEqual(found.outputs, { logits: ["float32", [-1, 3]] });
  const { input_ids: [type, [ids]], attention_mask: [, [mask]] } = found.example;
  assert.equal(type, "int64");
  assert.ok(ids.length > 4 && mask.length === ids.length && mask.every((one: number) => one === 1));
});

Deno.test("registerModel() refuses a model whose figures or ONNX file cannot be read", async () => {
  const folder = await smallModel("");
  const register = () => registerModel({ client, name: "TINY", folder, alias: "tiny" });
  for (const content of ["no JSON", "{}", '{"metrics": {"accuracy": "high"}}']) {
    await Deno.writeTextFile(join(folder, "evaluation.json"), content);
    await assert.rejects(register(), /evaluation\.json cannot be read/);
  }
  await Deno.writeTextFile(join(folder, "onnx/model.onnx"), "no model");
  await assert.rejects(register(), /onnx\/model\.onnx is no ONNX model that can be opened/);
});

Deno.test("a run keeps params, metrics, tags and artifacts, more than one request takes", async () => {
  const experiment = await client.getOrCreateExperiment("evaluation");
  assert.equal(await client.getOrCreateExperiment("evaluation"), experiment);
  const run = await client.createRun(experiment, "test");
  const params = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`p${i}`, i]));
  await client.logBatch(run.runId, { params, tags: { quote: `"'<b>\n😀` } });
  await client.logBatch(run.runId, { metrics: { f1: 0.5, undefined_recall: NaN }, step: 3 });
  await client.logArtifact(run.artifactUri, "plots/a b%.svg", "<svg>é</svg>");
  await client.finishRun(run.runId);

  const answer = await fetch(`${server.uri}/api/2.0/mlflow/runs/get?run_id=${run.runId}`);
  const { info, data } = (await answer.json()).run;
  assert.equal(info.status, "FINISHED");
  assert.equal(data.params.length, 150);
  assert.ok(data.tags.some((tag: { value: string }) => tag.value === `"'<b>\n😀`));
  const f1 = data.metrics.find((metric: { key: string }) => metric.key === "f1");
  assert.deepEqual([f1.value, f1.step], [0.5, 3]);

  const failed = await client.createRun(experiment, "newer");
  await client.finishRun(failed.runId, "FAILED");
  const runs = await searchRuns(client, experiment, 1, "attributes.status = 'FINISHED'");
  assert.deepEqual(runs.map(({ runId }) => runId), [run.runId]);
  assert.deepEqual(runs[0].metrics, { f1: 0.5, undefined_recall: NaN });

  const files = await client.listArtifacts(run.artifactUri);
  assert.deepEqual(files, [{ path: "plots/a b%.svg", size: 13 }]);
  const content = await client.readArtifact(run.artifactUri, "plots/a b%.svg");
  assert.equal(new TextDecoder().decode(content), "<svg>é</svg>");
});

Deno.test("an error of MLflow carries its code", async () => {
  await assert.rejects(client.createRun("123456", "no experiment"), (error: unknown) => {
    const { message, context, retriable } = error as { [key: string]: Record<string, unknown> };
    assert.match(String(message), /answered 404 to POST .*runs\/create: .*123456/);
    assert.equal(context.error_code, "RESOURCE_DOES_NOT_EXIST");
    assert.equal(retriable, false);
    return true;
  });
});

Deno.test("a server that lost its leading process is still found", async () => {
  Deno.kill(server.pid!, "SIGKILL");
  assert.deepEqual(await ensureMlflowServer({ folder }), server);
});

Deno.test("a killed server is replaced, even by one whose starter was killed on the way", async () => {
  killTree(server.pid!, "SIGKILL");
  while (await findMlflowServer(folder)) await delay(20);

  const starter = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", ENSURE_SERVER, folder],
    stdout: "null",
    stderr: "null",
  }).spawn();
  const record = () => JSON.parse(Deno.readTextFileSync(join(folder, "server.json")));
  while (record().pid === server.pid) await delay(20);
  starter.kill("SIGKILL");
  await starter.status;

  const next = await ensureMlflowServer({ folder });
  assert.equal(next.pid, record().pid);
  assert.equal(next.started, false);
  client = new MlflowClient(next.uri);
  const loaded = await loadModel({ client, uri: `models:/${NAME}@production`, cacheFolder });
  assert.equal(loaded.version, 1);
});

Deno.test("stopMlflowServer() stops it, and says whether there was one", async () => {
  assert.equal(await stopMlflowServer(folder), true);
  assert.equal(await findMlflowServer(folder), null);
  assert.equal(await stopMlflowServer(folder), false);
  await assert.rejects(fetch(client.uri));
});

/** The tiny model of the tests with this model card. */
async function smallModel(card: string): Promise<string> {
  const folder = await Deno.makeTempDir({ dir: root });
  cpSync(projectPath("tests/sentiment/fixtures/models/bert"), folder, { recursive: true });
  await Deno.writeTextFile(join(folder, "README.md"), card);
  return folder;
}

const ofMlflow = ["MLmodel", "input_example.json", "registered_model_meta"];

async function assertSameModel(folder: string): Promise<void> {
  const list = (from: string) =>
    [...Deno.readDirSync(from)].filter(({ isFile }) => isFile).map(({ name }) => name)
      // What MLflow keeps beside a model's own files.
      .filter((name) => !ofMlflow.includes(name)).sort();
  for (const part of ["", "onnx"]) {
    const names = list(join(modelFolder, part));
    assert.deepEqual(list(join(folder, part)), names);
    for (const name of names) {
      const [found, wanted] = await Promise.all(
        [folder, modelFolder].map((from) => Deno.readFile(join(from, part, name))),
      );
      assert.ok(
        found.length === wanted.length && found.every((byte, i) => byte === wanted[i]),
        name,
      );
    }
  }
}
