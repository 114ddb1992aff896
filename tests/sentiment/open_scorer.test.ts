import assert from "node:assert/strict";
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectPath } from "../../lib/paths.ts";
import { openScorer } from "../../lib/sentiment/open_scorer.ts";
import { WorkerPool } from "../../lib/sentiment/worker_pool.ts";

const embedded = projectPath("data/model");

/** Changes to a copy of the embedded model: a file's JSON, or undefined to leave the file out. */
type Changes = Record<string, ((json: Json) => void) | undefined>;
// deno-lint-ignore no-explicit-any
type Json = any;

// Runs a test on a copy of the embedded model, whose model file stands as `modelFile`.
async function withModel(
  changes: Changes,
  test: (folder: string) => Promise<void>,
  modelFile = "model_int8.onnx",
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const name of ["config.json", "tokenizer.json", "tokenizer_config.json"]) {
      const json = JSON.parse(readFileSync(join(embedded, name), "utf8"));
      if (name in changes && changes[name] === undefined) continue;
      changes[name]?.(json);
      writeFileSync(join(folder, name), JSON.stringify(json));
    }
    await Deno.mkdir(join(folder, "onnx"));
    symlinkSync(join(embedded, "onnx/model_int8.onnx"), join(folder, "onnx", modelFile));
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a model folder without config.json is refused by that name", async () => {
  await withModel({ "config.json": undefined }, async (folder) => {
    await assert.rejects(openScorer({ model: folder }), (error: Error) => {
      assert.equal(error.name, "BirdsongError");
      assert.equal(
        error.message,
        `the model folder ${folder} is incomplete: config.json is missing`,
      );
      return true;
    });
  });
});

Deno.test("a model folder without tokenizer.json is refused with the reason and what to do", async () => {
  await withModel({ "tokenizer.json": undefined }, async (folder) => {
    await assert.rejects(
      openScorer({ model: folder }),
      /has no tokenizer\.json, the file that says how its texts become tokens.*save_pretrained/,
    );
  });
});

Deno.test("a model folder that is not there is named", async () => {
  await assert.rejects(
    openScorer({ model: "/no/such/model" }),
    /no model folder \/no\/such\/model/,
  );
});

Deno.test("without a file for the CPU the error names the files that would do", async () => {
  await withModel({}, async (folder) => {
    await assert.rejects(
      openScorer({ model: folder, provider: "cpu" }),
      /cpu cannot be used: .* has no onnx\/model_int8\.onnx and no onnx\/model_quantized\.onnx and no/,
    );
  }, "model_int4.onnx");
});

Deno.test("auto explains every refusal once per process, and describes them", async () => {
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);
  await withModel({}, async (model) => {
    for (let time = 0; time < 2; time++) {
      const scorer = await openScorer({ model, workers: 1, log });
      await scorer.close();
      assert.equal(scorer.describe().provider, "cpu");
      assert.deepEqual(scorer.describe().refusals.map(({ provider }) => provider), [
        "cuda",
        "webgpu",
      ]);
    }
  });
  assert.equal(lines.length, 2);
  assert.match(lines[0], /^execution provider cuda is not used: .* has no onnx\/model_fp16\.onnx/);
  assert.match(lines[1], /^execution provider webgpu is not used: /);
});

for (const provider of ["cuda", "webgpu"] as const) {
  Deno.test(`${provider} without a model file for it is refused with what it needs`, async () => {
    await assert.rejects(
      openScorer({ model: embedded, provider }),
      new RegExp(`${provider} cannot be used: .* no onnx/model_fp16.onnx.* It needs .*GPU`),
    );
  });
}

Deno.test("a provider that this machine lacks is refused; the CPU still works after it", async () => {
  await withModel({}, async (model) => {
    const open = openScorer({ model, provider: "cuda", workers: 1 });
    const outcome = await open.then((scorer) => scorer.close(), (error: Error) => error);
    if (outcome instanceof Error) assert.match(outcome.message, /cuda cannot be used: .*It needs/);
    const scorer = await openScorer({ model, provider: "cpu", workers: 1 });
    assert.equal((await scorer.score(["what a lovely day"]))[0].label, "positive");
    await scorer.close();
  }, "model.onnx");
});

Deno.test("a model whose file cannot be hashed leaves no worker thread behind", async () => {
  const open = WorkerPool.open;
  const pools: WorkerPool[] = [];
  WorkerPool.open = async (...options) => {
    const pool = await open.apply(WorkerPool, options);
    pools.push(pool);
    return pool;
  };
  try {
    await withModel({}, async (model) => {
      // Where the weights beside a large model stand; this one can be opened without.
      const weights = join(model, "onnx/model_int8.onnx_data");
      await Deno.mkdir(weights);
      const options = { model, provider: "cpu", workers: 1, cache: join(model, "cache") } as const;
      await assert.rejects(openScorer(options), /EISDIR/);
      for (const pool of pools) await assert.rejects(pool.classify([["a"]], () => {}), /is closed/);
      await Deno.remove(weights);
      await (await openScorer(options)).close();
      assert.ok(pools.length > 0);
    });
  } finally {
    WorkerPool.open = open;
    await Promise.all(pools.map((pool) => pool.close()));
  }
});

Deno.test("providers and workers that make no sense are refused", async () => {
  const provider = "gpu" as "cpu";
  await assert.rejects(openScorer({ model: embedded, provider }), /one of auto, cuda, webgpu, cpu/);
  for (const workers of [0, 1.5, NaN]) {
    await assert.rejects(
      openScorer({ model: embedded, workers }),
      /workers must be a whole number/,
    );
  }
});

Deno.test("a tokenizer that asks for fixed padding and truncation changes nothing", async () => {
  const texts = ["what a lovely day", "so sad ".repeat(50)];
  const plain = await openScorer({ model: embedded, provider: "cpu", workers: 1 });
  const expected = await plain.score(texts);
  await plain.close();
  const fixed = (json: Json) => {
    json.padding = {
      strategy: { Fixed: 128 },
      direction: "Right",
      pad_to_multiple_of: null,
      pad_id: 0,
      pad_type_id: 0,
      pad_token: "[PAD]",
    };
    json.truncation = { max_length: 8, strategy: "LongestFirst", stride: 0, direction: "Right" };
  };
  await withModel({ "tokenizer.json": fixed }, async (model) => {
    const scorer = await openScorer({ model, provider: "cpu", workers: 1 });
    assert.deepEqual(await scorer.score(texts), expected);
    await scorer.close();
  });
});

Deno.test("long texts are cut at the model's limit", async () => {
  const short = (json: Json) => json.model_max_length = 8;
  await withModel({ "tokenizer_config.json": short }, async (model) => {
    const scorer = await openScorer({ model, provider: "cpu", workers: 1 });
    assert.equal(scorer.describe().maxTokens, 8);
    const [cut, long] = await scorer.score([
      "one two three four five six",
      "one two three four five six and I love it so much",
    ]);
    assert.deepEqual(long, cut);
    await scorer.close();
  });
});

Deno.test("classes in another order, or named by number, are read by their names", async () => {
  const swapped = (json: Json) => json.id2label = { 0: "positive", 1: "neutral", 2: "negative" };
  await withModel({ "config.json": swapped }, async (model) => {
    const scorer = await openScorer({ model, provider: "cpu", workers: 1 });
    assert.equal((await scorer.score(["I hate this, worst day ever"]))[0].label, "positive");
    await scorer.close();
  });
});

Deno.test("a model whose outputs are not the classes of config.json fails with its file", async () => {
  const two = (json: Json) => json.id2label = { 0: "negative", 1: "positive" };
  await withModel({ "config.json": two }, async (model) => {
    await assert.rejects(
      openScorer({ model, provider: "cpu", workers: 1 }),
      /model_int8\.onnx is no text classifier that can be used: .*,3\] where .*,2\] was expected/,
    );
  });
});

Deno.test("an error of ONNX Runtime fails the call with its cause; the scorer can go on", async () => {
  // A word whose number is beyond the model's vocabulary.
  const strange = (json: Json) => json.model.vocab.tractor = 9_999_999;
  await withModel({ "tokenizer.json": strange }, async (model) => {
    const scorer = await openScorer({ model, provider: "cpu", workers: 2 });
    await assert.rejects(
      scorer.score(["a lovely day", "my tractor is late"]),
      /indices element out of data bounds/,
    );
    assert.equal((await scorer.score(["a lovely day"]))[0].label, "positive");
    await scorer.close();
  });
});
