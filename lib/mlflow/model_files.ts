import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join, posix } from "node:path";
import { BirdsongError } from "../errors.ts";
import { hashFile } from "../hash_file.ts";
import type { ModelSignature } from "./signature.ts";

/** MLflow's description of a model, which this project writes beside the model's own files. */
const mlmodelFile = "MLmodel";

/** An input of the model, for those who want to try it; MLflow's description names it. */
const inputExampleFile = "input_example.json";

const ofMlflow = [mlmodelFile, inputExampleFile];

/**
 * The files of a model folder, relative to it with `/`, sorted; without those of MLflow.
 *
 * @throws {BirdsongError} if the folder is not there.
 */
export async function listModelFiles(folder: string): Promise<string[]> {
  const found: string[] = [];
  const list = async (prefix: string): Promise<void> => {
    for (const entry of await readdir(join(folder, prefix), { withFileTypes: true })) {
      const path = prefix + entry.name;
      if (entry.isDirectory()) await list(`${path}/`);
      else if (!ofMlflow.includes(entry.name)) found.push(path);
    }
  };
  try {
    await list("");
  } catch (cause) {
    throw new BirdsongError(`cannot read the model folder ${folder}`, {
      cause,
      context: { folder },
    });
  }
  return found.sort();
}

/**
 * The SHA-256 of a model folder's content: of the sorted names and hashes of its files. Where the
 * folder is, and MLflow's own files in it, make no difference.
 */
export async function hashModelFolder(folder: string): Promise<string> {
  const total = createHash("sha256");
  for (const path of await listModelFiles(folder)) {
    total.update(`${await hashFile(join(folder, path))}  ${path}\n`);
  }
  return total.digest("hex");
}

/**
 * The ONNX file that Python loads: the int8 one, made for CPUs, or the first there is in the folder
 * `onnx`, or else beside the JSON files, where `optimum-cli export onnx` puts it.
 *
 * @throws {BirdsongError} if the folder is not in Hugging Face layout.
 */
export function onnxFileOf(folder: string, files: string[]): string {
  const models = ["onnx", "."].flatMap((place) =>
    files.filter((file) => file.endsWith(".onnx") && posix.dirname(file) === place)
  );
  const missing = ["config.json", "tokenizer.json"].filter((file) => !files.includes(file));
  if (models.length === 0) missing.push("onnx/*.onnx");
  if (missing.length > 0) {
    throw new BirdsongError(
      `${folder} is no model in Hugging Face layout: ${missing.join(", ")} missing`,
      { context: { folder } },
    );
  }
  return models.find((file) => file.endsWith("model_int8.onnx")) ?? models[0];
}

/**
 * The files of MLflow beside a model's own, by path: its description and the input example. Python's
 * `mlflow.onnx.load_model` reads the first description; `mlflow.pyfunc.load_model` then looks for
 * another one in the folder of the ONNX file.
 */
export function mlflowFiles(
  onnxFile: string,
  runId: string,
  { signature, inputExample }: ModelSignature,
): Record<string, string> {
  const example = JSON.stringify(inputExample);
  // One folder, and one description, where the ONNX file stands beside the JSON files.
  const folder = onnxFile.slice(0, onnxFile.lastIndexOf("/") + 1);
  return {
    [mlmodelFile]: mlmodel(onnxFile, runId, signature),
    [inputExampleFile]: example,
    [folder + mlmodelFile]: mlmodel(onnxFile.slice(folder.length), runId, signature),
    [folder + inputExampleFile]: example,
  };
}

function mlmodel(data: string, runId: string, signature: ModelSignature["signature"]): string {
  // MLflow reads YAML, and JSON is YAML.
  return JSON.stringify(
    {
      artifact_path: "model",
      flavors: {
        onnx: { data, providers: ["CPUExecutionProvider"] },
        python_function: { data, loader_module: "mlflow.onnx" },
      },
      run_id: runId,
      saved_input_example_info: { artifact_path: inputExampleFile, type: "ndarray" },
      signature,
      utc_time_created: new Date().toISOString().replace("T", " ").replace("Z", "000"),
    },
    null,
    2,
  ) + "\n";
}
