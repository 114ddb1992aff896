import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hashModel } from "../../lib/sentiment/model_hash.ts";
import { withFolder } from "../lakehouse/with_lake.ts";

Deno.test("a change of any file that scoring reads is a change of the model, others are not", async () => {
  await withFolder(async (folder) => {
    mkdirSync(join(folder, "onnx"));
    const hash = () => hashModel(folder, "onnx/model.onnx");
    const seen = new Set<string>();
    const read = ["config.json", "tokenizer.json", "tokenizer_config.json"];
    const onnx = ["onnx/model.onnx", "onnx/model.onnx_data", "onnx/model.onnx.data"];
    for (const name of [...read, ...onnx]) {
      for (const content of ["{}", "{ }"]) {
        writeFileSync(join(folder, name), content);
        assert.ok(!seen.has(await hash()), `${name} with ${content}`);
        seen.add(await hash());
      }
    }
    const before = await hash();
    for (const name of ["README.md", "onnx/model_fp16.onnx"]) writeFileSync(join(folder, name), "");
    assert.equal(await hash(), before);
  });
});
