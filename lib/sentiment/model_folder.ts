import { Tokenizer } from "@huggingface/tokenizers";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BirdsongError, messageOf } from "../errors.ts";
import { labelsOf } from "./labels.ts";
import type { Label } from "./sentiment.ts";

/** A model in Hugging Face layout: what its JSON files say that scoring needs. */
export interface ModelFolder {
  /** Absolute path. */
  folder: string;
  /** The class of each output, in their order. */
  labels: Label[];
  /** Tokens of one text at most, special tokens included; the rest is cut off. */
  maxTokens: number;
}

/** Parts of `config.json` and `tokenizer_config.json`, as transformers writes them. */
interface Config {
  id2label?: unknown;
  max_position_embeddings?: number;
  model_type?: string;
  pad_token_id?: number | null;
}
interface TokenizerConfig {
  max_length?: number | null;
  model_max_length?: number;
}

/**
 * Reads `config.json` and `tokenizer_config.json` of a model folder; the latter may be missing.
 *
 * @throws {BirdsongError} naming the file that is missing or unusable.
 */
export function readModelFolder(folder: string): ModelFolder {
  if (!existsSync(folder)) {
    throw new BirdsongError(
      `there is no model folder ${folder}: give one in Hugging Face layout ` +
        "(config.json, tokenizer.json, onnx/*.onnx), a model of the registry (models:/NAME@alias), " +
        "or one of the Hugging Face hub (owner/name)",
      { context: { folder } },
    );
  }
  const config = readJson<Config>(folder, "config.json");
  if (!existsSync(join(folder, "tokenizer.json"))) throw missingTokenizer(folder);
  const tokenizerConfig = readTokenizerConfig(folder);
  return {
    folder,
    labels: labelsOf(config.id2label, join(folder, "config.json")),
    maxTokens: maxTokensOf(config, tokenizerConfig),
  };
}

/** The folder's `tokenizer_config.json`; nothing where there is none. */
function readTokenizerConfig(folder: string): TokenizerConfig {
  const name = "tokenizer_config.json";
  return existsSync(join(folder, name)) ? readJson<TokenizerConfig>(folder, name) : {};
}

/** What to say of a model whose tokenizer stands in no file that can be read. */
export function missingTokenizer(where: string): BirdsongError {
  return new BirdsongError(
    `the model ${where} has no tokenizer.json, the file that says how its texts become tokens: ` +
      "vocab.txt or merges.txt alone do not say it. Where its author gives none, transformers may " +
      "make one: AutoTokenizer.from_pretrained(...).save_pretrained(DIR)",
    { context: { model: where, file: "tokenizer.json" } },
  );
}

/** The tokenizer of a model folder. Its own wish for padding or cutting has no effect. */
export function openTokenizer(folder: string): Tokenizer {
  return new Tokenizer(readJson(folder, "tokenizer.json"), readTokenizerConfig(folder));
}

/** Reads a JSON file of the folder. */
function readJson<T extends object>(folder: string, name: string): T {
  const path = join(folder, name);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    const reason = existsSync(path) ? `cannot be read: ${messageOf(error)}` : "is missing";
    throw new BirdsongError(`the model folder ${folder} is incomplete: ${name} ${reason}`, {
      cause: error,
      context: { file: path },
    });
  }
  if (typeof value !== "object" || value === null) {
    throw new BirdsongError(`${path} must hold a JSON object`, { context: { file: path } });
  }
  return value as T;
}

function maxTokensOf(config: Config, tokenizerConfig: TokenizerConfig): number {
  let positions = config.max_position_embeddings ?? 512;
  // RoBERTa and its kin number positions from the padding token on, so the first ones are no room.
  if (/roberta|bertweet|camembert/.test(config.model_type ?? "")) {
    positions -= (config.pad_token_id ?? 1) + 1;
  }
  return Math.min(
    positions,
    tokenizerConfig.model_max_length ?? positions,
    tokenizerConfig.max_length ?? positions,
  );
}
