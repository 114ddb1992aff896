import assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Classifier } from "../../lib/sentiment/classifier.ts";
import { readModelFolder } from "../../lib/sentiment/model_folder.ts";
import { ThreadState } from "../../lib/sentiment/thread_state.ts";
import { withFolder } from "../lakehouse/with_lake.ts";

// Of many lengths; several have equally many tokens.
const texts = Array.from(
  { length: 60 },
  (_, i) => `${"very ".repeat(i % 7)}good day, number ${i}!`,
);

const fixture = (model: string): string =>
  fileURLToPath(new URL(`fixtures/models/${model}`, import.meta.url));

async function withClassifier(
  model: string,
  modelFile: string,
  options: { batchTokens: number; exact: boolean },
  test: (classifier: Classifier, countRuns: () => number) => Promise<void>,
): Promise<void> {
  let runs = 0;
  class Counting extends ThreadState {
    override inside<T>(action: () => Promise<T>): Promise<T> {
      runs++;
      return super.inside(action);
    }
  }
  const classifier = await Classifier.open({
    model: readModelFolder(fixture(model)),
    modelFile,
    provider: "cpu",
    ...options,
  }, new Counting());
  try {
    await test(classifier, () => runs);
  } finally {
    await classifier.release();
  }
}

/** The probabilities of each text, alone in its call. */
async function oneByOne(classifier: Classifier): Promise<number[][]> {
  const result = [];
  for (const text of texts) result.push([...await classifier.classify([text])]);
  return result;
}

const rows = (probabilities: Float64Array): number[][] =>
  texts.map((_, i) => [...probabilities.subarray(3 * i, 3 * i + 3)]);

Deno.test("texts share a run of the network where that changes nothing, and keep their order", async () => {
  const model = ["roberta", "onnx/model.onnx"] as const;
  const runs: number[] = [];
  for (const batchTokens of [1, 40, 10_000]) {
    await withClassifier(...model, { batchTokens, exact: true }, async (classifier, countRuns) => {
      assert.ok(classifier.batches);
      const before = countRuns();
      const together = rows(await classifier.classify(texts));
      runs.push(countRuns() - before);
      assert.deepEqual(together, await oneByOne(classifier));
    });
  }
  const [alone, some, most] = runs;
  assert.equal(alone, texts.length);
  assert.ok(most < some && some < alone, `${runs}`);
});

Deno.test("a file whose numbers depend on the company gets its texts one by one", async () => {
  const file = ["bert_dynamic_int8", "onnx/model_int8.onnx"] as const;
  await withClassifier(...file, { batchTokens: 10_000, exact: true }, async (classifier) => {
    assert.ok(!classifier.batches);
    assert.deepEqual(rows(await classifier.classify(texts)), await oneByOne(classifier));
  });
  // The file does: what is tested above would fail if it were not noticed.
  await withClassifier(...file, { batchTokens: 10_000, exact: false }, async (classifier) => {
    assert.ok(classifier.batches);
    assert.notDeepEqual(rows(await classifier.classify(texts)), await oneByOne(classifier));
  });
});

Deno.test("a model that gives no numbers is refused, instead of labels for them", async () => {
  await withFolder(async (folder) => {
    cpSync(fixture("bert"), folder, { recursive: true });
    const file = join(folder, "onnx/model.onnx");
    const bytes = readFileSync(file);
    // The three numbers behind the name, which are added to the three outputs.
    const bias = bytes.indexOf("model.classifier.biasJ\x0c") + "model.classifier.biasJ\x0c".length;
    for (const wrong of [NaN, Infinity]) {
      bytes.writeFloatLE(wrong, bias);
      writeFileSync(file, bytes);
      const model = readModelFolder(folder);
      const options = { modelFile: "onnx/model.onnx", provider: "cpu", batchTokens: 9 } as const;
      await assert.rejects(
        Classifier.open({ model, ...options, exact: true }),
        /model\.onnx is no text classifier that can be used: it gives numbers that are not finite/,
      );
    }
  });
});
