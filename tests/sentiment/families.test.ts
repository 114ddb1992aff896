import assert from "node:assert/strict";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Tokenizer } from "@huggingface/tokenizers";
import { openScorer } from "../../lib/sentiment/open_scorer.ts";
import { prepareText } from "../../lib/sentiment/prepare.ts";
import { labels } from "../../lib/sentiment/sentiment.ts";
import { withFolder } from "../lakehouse/with_lake.ts";

/** What Python's tokenizers and torch make of a text; fixtures/make_models.py wrote it down. */
interface Expected {
  text: string;
  ids: number[];
  /** By the model's outputs. */
  probabilities: number[];
}

const families = {
  bert: ["negative", "neutral", "positive"],
  roberta: ["negative", "neutral", "positive"],
  distilbert: ["negative", "positive"],
};
const folderOf = (family: string) =>
  fileURLToPath(new URL(`fixtures/models/${family}`, import.meta.url));
const json = (folder: string, name: string) => JSON.parse(readFileSync(join(folder, name), "utf8"));

for (const [family, classes] of Object.entries(families)) {
  const folder = folderOf(family);
  const expected: Expected[] = json(folder, "expected.json");

  Deno.test(`${family}: texts become the tokens that Python's tokenizers makes of them`, () => {
    const tokenizer = new Tokenizer(
      json(folder, "tokenizer.json"),
      json(folder, "tokenizer_config.json"),
    );
    for (const { text, ids } of expected) assert.deepEqual(tokenizer.encode(text).ids, ids, text);
  });

  Deno.test(`${family}: probabilities are those of torch, long texts cut at the model's limit`, async () => {
    const scorer = await openScorer({ model: folder, provider: "cpu", workers: 1 });
    try {
      const { maxTokens, labels: outputs } = scorer.describe();
      assert.deepEqual(outputs, classes);
      assert.equal(maxTokens, 32);
      // Of the other texts the model sees what preparation makes of them.
      const same = expected.filter(({ text }) => prepareText(text) === text);
      assert.ok(same.some(({ ids }) => ids.length > maxTokens));
      const sentiments = await scorer.score(same.map(({ text }) => text));
      for (const [i, { text, probabilities }] of same.entries()) {
        for (const label of labels) {
          const wanted = probabilities[classes.indexOf(label)] ?? 0;
          assert.ok(Math.abs(sentiments[i][label] - wanted) < 1e-5, `${text}: ${label}`);
        }
      }
    } finally {
      await scorer.close();
    }
  });

  Deno.test(`${family}: hostile texts are scored like any other`, async () => {
    const scorer = await openScorer({ model: folder, provider: "cpu", workers: 1 });
    try {
      const texts = [
        "x".repeat(100_000),
        "😀".repeat(25_000),
        "a b ".repeat(25_000),
        "\ud800 \udc00",
        "@",
      ];
      for (const sentiment of await scorer.score(texts)) {
        const sum = labels.reduce((sum, label) => sum + sentiment[label], 0);
        assert.ok(Math.abs(sum - 1) < 1e-9);
      }
      const [nothing, mention, user] = await scorer.score(["", "@ann", "@user"]);
      assert.deepEqual(nothing, {
        label: "neutral",
        score: 1,
        negative: 0,
        neutral: 1,
        positive: 0,
      });
      assert.deepEqual(mention, user, "a mention is a text like any other, whoever it names");
    } finally {
      await scorer.close();
    }
  });
}

Deno.test("a model works without tokenizer_config.json, and with its ONNX file at the top", async () => {
  await withFolder(async (folder) => {
    for (const name of ["config.json", "tokenizer.json"]) {
      cpSync(join(folderOf("bert"), name), join(folder, name));
    }
    cpSync(join(folderOf("bert"), "onnx/model.onnx"), join(folder, "model.onnx"));
    const texts = ["what a day", "too long ".repeat(100)];
    const scores = [];
    for (const model of [folder, folderOf("bert")]) {
      const scorer = await openScorer({ model, provider: "cpu", workers: 1 });
      scores.push(await scorer.score(texts));
      await scorer.close();
    }
    assert.deepEqual(scores[0], scores[1]);
  });
});
