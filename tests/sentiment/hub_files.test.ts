import assert from "node:assert/strict";
import { filesFor } from "../../lib/sentiment/hub_files.ts";
import type { Provider } from "../../lib/sentiment/providers.ts";

function choose(paths: string[], provider: Provider = "cpu"): string[] {
  const files = paths.map((path) => ({ path, size: 1, gitHash: "0" }));
  return filesFor(provider, { name: "owner/name", commit: "0", files }).map(({ path }) => path);
}
const json = ["config.json", "tokenizer.json"];

Deno.test("of a model on the hub the JSON files and the provider's best ONNX file are taken", () => {
  const all = [
    ...json,
    "tokenizer_config.json",
    "README.md",
    "pytorch_model.bin",
    "vocab.txt",
    "onnx/model.onnx",
    "onnx/model_int8.onnx",
    "onnx/model_fp16.onnx",
  ];
  const common = all.slice(0, 4);
  assert.deepEqual(choose(all), [...common, "onnx/model_int8.onnx"]);
  assert.deepEqual(choose(all, "cuda"), [...common, "onnx/model_fp16.onnx"]);
  assert.deepEqual(choose([...json, "model.onnx"]), [...json, "model.onnx"]);
});

Deno.test("weights that stand beside the ONNX file come with it", () => {
  const beside = ["onnx/model.onnx", "onnx/model.onnx_data", "onnx/model.onnx_data_1"];
  const others = ["onnx/model.onnx_data/../../x", "onnx/model_fp16.onnx_data"];
  assert.deepEqual(choose([...json, ...beside, ...others]), [...json, ...beside]);
});

Deno.test("a model that cannot be used is refused with what it lacks", () => {
  assert.throws(() => choose(["config.json", "vocab.txt"]), /owner\/name has no tokenizer\.json/);
  assert.throws(() => choose(["tokenizer.json"]), /has no config\.json/);
  assert.throws(
    () => choose([...json, "onnx/model_q4.onnx"]),
    /no ONNX file for cpu: looked for onnx\/model_int8\.onnx, .*found onnx\/model_q4\.onnx.*optimum-cli/,
  );
  assert.throws(() => choose(json, "webgpu"), /found none/);
});
