import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { projectPath } from "../../lib/paths.ts";

/** Where ONNX Runtime looks for the libraries of its execution providers. */
export interface OnnxRuntime {
  version: string;
  /** Folder of the libraries for this system and processor. */
  folder: string;
}

/** ONNX Runtime as it is installed; undefined where it has no libraries for this machine. */
export function findOnnxRuntime(
  root: string = projectPath("node_modules/onnxruntime-node"),
): OnnxRuntime | undefined {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const bin = join(realpathSync(root), "bin");
  const folder = readdirSync(bin)
    .map((napi) => join(bin, napi, process.platform, process.arch))
    .find(existsSync);
  return folder === undefined ? undefined : { version, folder };
}
