import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BirdsongError, messageOf } from "../errors.ts";

/** What a model folder says of its model, for the registry. */
export interface ModelCard {
  /** The text of `README.md`, without its header. */
  description: string;
  /** Facts: the base model and licence of the header, how the ONNX file is quantized. */
  tags: Record<string, string>;
  /** Figures of `evaluation.json`. */
  metrics: Record<string, number>;
}

/** MLflow's database takes no more. */
const longestDescription = 5_000;

/**
 * Reads the model card (`README.md`) and the figures (`evaluation.json`, as
 * `deno task evaluate --json` prints them) of a model folder; both may be missing.
 *
 * @throws {BirdsongError} when `evaluation.json` is none.
 */
export function readModelCard(folder: string, onnxFile: string): ModelCard {
  const card = join(folder, "README.md");
  const text = existsSync(card) ? readFileSync(card, "utf8").replaceAll("\r\n", "\n") : "";
  const [header = ""] = /^---\n[^]*?\n---\n/.exec(text) ?? [];
  const tags: Record<string, string> = { quantization: quantizationOf(onnxFile) };
  for (const [tag, name] of [["base", "base_model"], ["license", "license"]]) {
    const [, value] = new RegExp(`^${name}: *(\\S.*)$`, "m").exec(header) ?? [];
    if (value) tags[tag] = value.trim();
  }
  const description = text.slice(header.length).trim();
  return {
    description: description.length > longestDescription
      ? description.slice(0, longestDescription - 1).toWellFormed() + "…"
      : description,
    tags,
    metrics: readMetrics(join(folder, "evaluation.json")),
  };
}

function quantizationOf(onnxFile: string): string {
  const [, kind] = /_(int8|uint8|quantized|fp16|q4|bnb4)\.onnx$/.exec(onnxFile) ?? [];
  return kind === undefined ? "none" : kind === "quantized" ? "int8" : kind;
}

function readMetrics(file: string): Record<string, number> {
  if (!existsSync(file)) return {};
  try {
    const { metrics } = JSON.parse(readFileSync(file, "utf8"));
    if (!Object.values(metrics).every((value) => typeof value === "number")) {
      throw new Error("its metrics must be numbers by name");
    }
    return metrics;
  } catch (cause) {
    throw new BirdsongError(`${file} cannot be read: ${messageOf(cause)}`, {
      cause,
      context: { file },
    });
  }
}
