import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { Classifier } from "../../lib/sentiment/classifier.ts";
import { readModelFolder } from "../../lib/sentiment/model_folder.ts";

// Of many lengths; several have equally many tokens.
const texts = Array.from(
  { length: 60 },
  (_, i) => `${"very ".repeat(i % 7)}good day, number ${i}!`,
);

async function withClassifier(
  model: string,
  modelFile: string,
  options: { batchTokens: number; exact: boolean },
  test: (classifier: Classifier) => Promise<void>,
): Promise<void> {
  const folder = fileURLToPath(new URL(`fixtures/models/${model}`, import.meta.url));
  const classifier = await Classifier.open({
    model: readModelFolder(folder),
    modelFile,
    provider: "cpu",
    ...options,
  });
  try {
    await test(classifier);
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
  for (const batchTokens of [1, 40, 10_000]) {
    await withClassifier(
      "roberta",
      "onnx/model.onnx",
      { batchTokens, exact: true },
      async (classifier) => {
        assert.ok(classifier.batches);
        assert.deepEqual(rows(await classifier.classify(texts)), await oneByOne(classifier));
      },
    );
  }
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
