import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { hashFile } from "../hash_file.ts";

/**
 * A SHA-256 of everything in a model folder that decides what the model says of a text: its JSON
 * files, the ONNX file, and the weights beside a large one.
 *
 * @param modelFile The ONNX file in the folder.
 */
export async function hashModel(folder: string, modelFile: string): Promise<string> {
  const names = [
    "config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    modelFile,
    `${modelFile}_data`,
    `${modelFile}.data`,
  ];
  const hash = createHash("sha256");
  for (const name of names.filter((name) => existsSync(join(folder, name)))) {
    hash.update(`${name} ${await hashFile(join(folder, name))}\n`);
  }
  return hash.digest("hex");
}
