import { BirdsongError } from "../errors.ts";
import type { HubFile, HubModel } from "../hub/model_info.ts";
import { missingTokenizer } from "./model_folder.ts";
import { type Provider, providers } from "./providers.ts";

const needed = ["config.json", "tokenizer.json"];
const useful = ["tokenizer_config.json", "README.md"];

/**
 * The files of a model on the hub that scoring with a provider needs: its JSON files, the best ONNX
 * file for the provider, and the weights that ONNX keeps beside a large one.
 *
 * @throws {BirdsongError} naming what the model lacks.
 */
export function filesFor(provider: Provider, { name, files }: HubModel): HubFile[] {
  const has = (path: string) => files.some((file) => file.path === path);
  if (!has("tokenizer.json")) throw missingTokenizer(name);
  if (!has("config.json")) {
    throw new BirdsongError(`${name} on the hub is no transformers model: it has no config.json`);
  }
  const { modelFiles } = providers[provider];
  const onnx = modelFiles.find(has);
  if (onnx === undefined) {
    const found = files.map(({ path }) => path).filter((path) => path.endsWith(".onnx"));
    throw new BirdsongError(
      `${name} on the hub has no ONNX file for ${provider}: looked for ${modelFiles.join(", ")}, ` +
        `found ${found.join(", ") || "none"}. ` +
        `\`optimum-cli export onnx --model ${name} DIR\` makes a folder that can be used`,
      { context: { name, provider } },
    );
  }
  return files.filter(({ path }) =>
    needed.includes(path) || useful.includes(path) || path === onnx ||
    (path.startsWith(onnx) && /^[._]data[\w.]*$/.test(path.slice(onnx.length)))
  );
}
