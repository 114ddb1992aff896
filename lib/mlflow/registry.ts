import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BirdsongError } from "../errors.ts";
import { hashFile } from "../hash_file.ts";
import type { MlflowClient, ModelVersion } from "./client.ts";
import { deleteModelVersion, deleteRun } from "./delete.ts";
import { readModelCard } from "./model_card.ts";
import { hashModelFolder, listModelFiles, mlflowFiles, onnxFileOf } from "./model_files.ts";
import { parseModelUri } from "./model_uri.ts";
import { signatureOf } from "./signature.ts";

/** Tag of a model version: the hash of its folder, as {@linkcode hashModelFolder} makes it. */
export const hashTag = "birdsong.sha256";

/** Experiment of the runs that the registered models belong to. */
const modelsExperiment = "birdsong-models";

/** A model folder to register. */
export interface RegisterModelOptions {
  client: MlflowClient;
  /** Such as `HF_TWEET_SENTIMENT`. */
  name: string;
  /** Folder in Hugging Face layout: `config.json`, `tokenizer.json`, `onnx/*.onnx`. */
  folder: string;
  /** Alias that the version gets, such as `production`. */
  alias: string;
  /** Told what is happening when it takes long. */
  onProgress?: (message: string) => void;
}

/** A model in the registry. */
export interface RegisteredVersion {
  name: string;
  version: number;
  runId: string;
  /** Hash of the folder's content. */
  sha256: string;
  /** Whether this call made it; false if there was a version with the same content already. */
  uploaded: boolean;
}

/**
 * Uploads a model folder to MLflow as a model of the `onnx` flavor, registers it as a new version and
 * moves the alias there. A version with the same content is not made again: the alias moves to it.
 * Of calls at the same time with the same content, on whatever machines, one version stays.
 *
 * The version carries signature and input example, the model card as its description, the figures of
 * `evaluation.json` as metrics of its run, and tags: those of {@linkcode readModelCard}, `sha256` of
 * the ONNX file, and {@linkcode hashTag}.
 *
 * @throws {BirdsongError} if the folder is not in Hugging Face layout, or MLflow refuses.
 */
export async function registerModel(options: RegisterModelOptions): Promise<RegisteredVersion> {
  const { client, name, folder, alias } = options;
  const files = await listModelFiles(folder);
  const onnxFile = onnxFileOf(folder, files);
  const sha256 = await hashModelFolder(folder);
  const known = await firstWithHash(client, name, sha256);
  if (known) return await useKnown(options, known, sha256);
  const signature = await signatureOf(folder, onnxFile);
  const { description, metrics, tags } = readModelCard(folder, onnxFile);
  tags.sha256 = await hashFile(join(folder, onnxFile));
  const run = await client.createRun(await client.getOrCreateExperiment(modelsExperiment), name);
  try {
    await client.logBatch(run.runId, { metrics, tags });
    const target = `${run.artifactUri}/model`;
    for (const file of files) {
      options.onProgress?.(`Uploading ${file} to MLflow ...`);
      await client.logArtifact(target, file, await readFile(join(folder, file)));
    }
    for (const [file, text] of Object.entries(mlflowFiles(onnxFile, run.runId, signature))) {
      await client.logArtifact(target, file, text);
    }
    await client.createRegisteredModel(name);
    const made = await client.createModelVersion({
      name,
      source: target,
      runId: run.runId,
      description,
      tags: { ...tags, [hashTag]: sha256 },
    });
    // The registry has no condition for "only if there is none": of two calls at once both get
    // here, and so does one twice whose answer was lost. Versions are numbered in the order in
    // which they were made: a later one gives way.
    const first = await firstWithHash(client, name, sha256) ?? made;
    if (first.version !== made.version) await deleteModelVersion(client, name, made.version);
    if (first.runId !== run.runId) {
      await deleteRun(client, run.runId);
      return await useKnown(options, first, sha256);
    }
    await client.setRegisteredModelAlias(name, alias, first.version);
    await client.finishRun(run.runId);
    options.onProgress?.(`Registered ${name} version ${first.version} as ${alias}`);
    return { name, version: first.version, runId: run.runId, sha256, uploaded: true };
  } catch (error) {
    // The reason matters more than the state of the run, which a lost server cannot take anyway.
    await client.finishRun(run.runId, "FAILED").catch(() => undefined);
    throw error;
  }
}

/**
 * The version that a registry URI stands for; see {@linkcode parseModelUri} for its forms.
 *
 * @throws {BirdsongError} if there is none, with what there is instead.
 */
export async function resolveModel(client: MlflowClient, uri: string): Promise<ModelVersion> {
  const { name, by, value } = parseModelUri(uri);
  const model = await client.getRegisteredModel(name);
  if (!model) {
    const names = await client.listRegisteredModels();
    throw missing(client, uri, `has no model "${name}"`, "models", names);
  }
  const aliases = Object.keys(model.aliases);
  if (by === "alias" || by === "stage") {
    const alias = by === "alias"
      ? value
      : aliases.find((alias) => alias.toLowerCase() === value.toLowerCase()) ?? value;
    const version = Object.hasOwn(model.aliases, alias)
      ? await client.getModelVersion(name, model.aliases[alias])
      : null;
    if (version) return version;
    throw missing(client, uri, `has no alias "${alias}"`, "aliases", aliases);
  }
  const versions = await client.listModelVersions(name);
  const version = by === "latest" ? versions[0] : await client.getModelVersion(name, Number(value));
  if (version) return version;
  const wanted = by === "latest" ? "has no version" : `has no version ${value}`;
  const numbers = versions.map(({ version }) => String(version));
  throw missing(client, uri, wanted, "versions", numbers);
}

/** The oldest version with this content, or undefined. */
async function firstWithHash(
  client: MlflowClient,
  name: string,
  sha256: string,
): Promise<ModelVersion | undefined> {
  if (await client.getRegisteredModel(name) === null) return undefined;
  return (await client.listModelVersions(name)).findLast(({ tags }) => tags[hashTag] === sha256);
}

async function useKnown(
  { client, name, alias }: RegisterModelOptions,
  { version, runId }: ModelVersion,
  sha256: string,
): Promise<RegisteredVersion> {
  await client.setRegisteredModelAlias(name, alias, version);
  return { name, version, runId, sha256, uploaded: false };
}

function missing(
  client: MlflowClient,
  uri: string,
  what: string,
  kind: string,
  found: string[],
): BirdsongError {
  return new BirdsongError(
    `cannot load ${uri}: the MLflow registry at ${client.uri} ${what} (its ${kind}: ` +
      `${found.join(", ") || "none"}). Notebook 00_run_me_first registers the project's model.`,
    { context: { uri, server: client.uri } },
  );
}
