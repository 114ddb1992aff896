import { existsSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { parseModelUri } from "../mlflow/model_uri.ts";

const hubName = /^(\w[\w.-]*\/\w[\w.-]*)(?:@([\w./-]+))?$/;

/** Where a model comes from. */
export type ModelName =
  /** Absolute path. */
  | { kind: "folder"; folder: string }
  /** `models:/NAME@alias` or `models:/NAME/3` of MLflow's registry. */
  | { kind: "registry"; uri: string }
  /** `owner/name` of the Hugging Face hub, and a branch, tag or commit: `owner/name@revision`. */
  | { kind: "hub"; name: string; revision: string };

/**
 * Reads the name of a model: a URI of MLflow's registry, a folder, or `owner/name[@revision]` of the
 * Hugging Face hub. A folder that is there wins over a hub's model of the same name.
 *
 * @param base The folder that a relative path begins at.
 * @throws {BirdsongError} when it begins with `models:` and is no URI of a registry.
 */
export function parseModelName(text: string, base: string): ModelName {
  if (text.startsWith("models:")) {
    parseModelUri(text);
    return { kind: "registry", uri: text };
  }
  const folder = resolve(base, text);
  const [, name, revision = "main"] = hubName.exec(text) ?? [];
  const path = name === undefined || isAbsolute(text) || existsSync(folder);
  return path ? { kind: "folder", folder } : { kind: "hub", name, revision };
}

/** A model's name with the path made absolute, where it is one. */
export function absoluteModelName(text: string, base: string): string {
  const name = parseModelName(text, base);
  return name.kind === "folder" ? name.folder : text;
}
