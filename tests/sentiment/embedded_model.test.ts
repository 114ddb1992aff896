import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Tokenizer } from "@huggingface/tokenizers";
import { join } from "node:path";
import { projectPath } from "../../lib/paths.ts";
import { Classifier } from "../../lib/sentiment/classifier.ts";
import { readModelFolder } from "../../lib/sentiment/model_folder.ts";

const folder = projectPath("data/model");
const json = (name: string) => JSON.parse(readFileSync(join(folder, name), "utf8"));

Deno.test("the embedded model reads emoji, alone, in rows and behind words", () => {
  const tokenizer = new Tokenizer(json("tokenizer.json"), json("tokenizer_config.json"));
  const { tokens } = tokenizer.encode("😂 😭😭😭 love❤\ufe0f 👍🏽");
  assert.deepEqual(
    tokens,
    ["[CLS]", "😂", "😭", "##😭", "##😭", "love", "##❤", "👍", "##🏽", "[SEP]"],
  );
});

Deno.test("the embedded model's numbers do not depend on the company, so texts are scored together", async () => {
  const classifier = await Classifier.open({
    model: readModelFolder(folder),
    modelFile: "onnx/model_int8.onnx",
    provider: "cpu",
    batchTokens: 1024,
    exact: true,
  });
  try {
    assert.ok(classifier.batches);
  } finally {
    await classifier.release();
  }
});
