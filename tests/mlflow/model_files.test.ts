import assert from "node:assert/strict";
import { mlflowFiles, onnxFileOf } from "../../lib/mlflow/model_files.ts";

const json = ["config.json", "tokenizer.json"];
const signature = { signature: { inputs: "[]", outputs: "[]" }, inputExample: {} };

/** The ONNX file that each of MLflow's descriptions names, by their paths. */
function described(onnxFile: string): Record<string, string> {
  const descriptions = Object.entries(mlflowFiles(onnxFile, "run", signature))
    .filter(([path]) => path.endsWith("MLmodel"));
  return Object.fromEntries(
    descriptions.map(([path, text]) => [path, JSON.parse(text).flavors.onnx.data]),
  );
}

Deno.test("the int8 file is registered, or else the first one in the folder onnx", () => {
  const fp32 = [...json, "model.onnx", "onnx/model.onnx"];
  assert.equal(onnxFileOf("m", [...fp32, "onnx/model_int8.onnx"]), "onnx/model_int8.onnx");
  assert.equal(onnxFileOf("m", fp32), "onnx/model.onnx");
  assert.deepEqual(described("onnx/model.onnx"), {
    "MLmodel": "onnx/model.onnx",
    "onnx/MLmodel": "model.onnx",
  });
});

Deno.test("a model whose ONNX file stands beside its JSON files is registered, too", () => {
  assert.equal(onnxFileOf("m", [...json, "model.onnx"]), "model.onnx");
  assert.deepEqual(described("model.onnx"), { "MLmodel": "model.onnx" });
});

Deno.test("a folder without an ONNX file is not registered", () => {
  assert.throws(
    () => onnxFileOf("m", [...json, "old/model.onnx"]),
    /onnx\/\*\.onnx missing/,
  );
});
