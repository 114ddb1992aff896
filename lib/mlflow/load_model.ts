import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { dirname, join, resolve } from "node:path";
import { BirdsongError } from "../errors.ts";
import { writingTo } from "../writing_to.ts";
import type { ArtifactFile } from "./artifacts.ts";
import type { MlflowClient } from "./client.ts";
import { hashModelFolder } from "./model_files.ts";
import { hashTag, resolveModel } from "./registry.ts";

/** Which model to load. */
export interface LoadModelOptions {
  client: MlflowClient;
  /** `models:/NAME@alias`, `models:/NAME/3`, `models:/NAME/latest` or `models:/NAME/production`. */
  uri: string;
  /** Folder of the downloaded models, one subfolder a version. */
  cacheFolder: string;
  /** Told what is happening when it takes long. */
  onProgress?: (message: string) => void;
}

/** A model of the registry, on this machine. */
export interface LoadedModel {
  /** Folder with its files, in Hugging Face layout. */
  folder: string;
  name: string;
  version: number;
  runId: string;
  /** Hash of the folder's content. */
  sha256: string;
}

/** What no model's folder is called: of its name, `~` becomes `_`. */
const unfinished = "download~";

/** Downloads that a process left half done are removed after this time, in milliseconds. */
const abandonedAfter = 60 * 60_000;

/**
 * Finds a model in the registry and downloads it, unless the cache holds it undamaged. A download
 * appears in the cache only when it is complete.
 *
 * @throws {BirdsongError} if the registry has no such model, its files are not those that were
 * registered, or the cache cannot be written to.
 */
export async function loadModel(options: LoadModelOptions): Promise<LoadedModel> {
  const { client, uri } = options;
  const { name, version, runId, tags } = await resolveModel(client, uri);
  const source = await client.getModelVersionDownloadUri(name, version);
  const files = await client.listArtifacts(source);
  if (files.length === 0) throw damaged(uri, source, "there are none");
  // A model that was registered without its hash is told apart by where it comes from.
  const mark = tags[hashTag] ??
    createHash("sha256").update(`${client.uri} ${source}`).digest("hex");
  const cache = resolve(options.cacheFolder);
  const folder = join(cache, `${name.replace(/[^\w.-]/g, "_")}-v${version}-${mark.slice(0, 12)}`);
  const known = { folder, name, version, runId };

  const cached = await hashIfComplete(folder, files, tags[hashTag]);
  if (cached) return { ...known, sha256: cached };

  options.onProgress?.(`Downloading ${name} version ${version} from MLflow ...`);
  return await writingTo(cache, `the model ${name}`, async () => {
    await mkdir(cache, { recursive: true });
    await removeAbandoned(cache);
    const temporary = await mkdtemp(join(cache, unfinished));
    try {
      for (const { path } of files) {
        const target = join(temporary, path);
        await mkdir(dirname(target), { recursive: true });
        await writeFile(target, await client.readArtifact(source, path));
      }
      const sha256 = await hashIfComplete(temporary, files, tags[hashTag]);
      if (!sha256) throw damaged(uri, source, "they differ from what was registered");
      await moveIntoPlace(temporary, folder, files, sha256);
      return { ...known, sha256 };
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  });
}

/** The folder's hash if it holds these files in full, and the expected content if that is known. */
async function hashIfComplete(
  folder: string,
  files: ArtifactFile[],
  expected: string | undefined,
): Promise<string | null> {
  for (const { path, size } of files) {
    const found = await stat(join(folder, path)).catch(() => null);
    if (found?.size !== size) return null;
  }
  const sha256 = await hashModelFolder(folder);
  return expected === undefined || sha256 === expected ? sha256 : null;
}

async function moveIntoPlace(
  temporary: string,
  folder: string,
  files: ArtifactFile[],
  sha256: string,
): Promise<void> {
  try {
    await rename(temporary, folder);
  } catch (error) {
    // Another process was quicker, or the folder is a damaged one.
    if (await hashIfComplete(folder, files, sha256)) return;
    await rm(folder, { recursive: true, force: true });
    await rename(temporary, folder).catch(() => {
      throw error;
    });
  }
}

async function removeAbandoned(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (!name.startsWith(unfinished)) continue;
    const found = await stat(join(cache, name)).catch(() => null);
    if (found && Date.now() - found.mtimeMs > abandonedAfter) {
      await rm(join(cache, name), { recursive: true, force: true });
    }
  }
}

function damaged(uri: string, source: string, what: string): BirdsongError {
  return new BirdsongError(
    `cannot load ${uri}: of the files at ${source}, ${what}. Delete the version on the page of ` +
      `MLflow, then register the model again (notebook 00_run_me_first does that).`,
    { context: { uri, source } },
  );
}
