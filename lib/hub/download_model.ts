import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BirdsongError } from "../errors.ts";
import { withFileLock } from "../lock.ts";
import { replaceFile } from "../replace_file.ts";
import { writingTo } from "../writing_to.ts";
import { downloadFile, isIntact } from "./download_file.ts";
import type { Hub } from "./hub.ts";
import { type HubFile, type HubModel, modelInfo } from "./model_info.ts";

/** A download takes so long at most, in milliseconds; then its lock counts as left behind. */
const longest = 60 * 60_000;

/** Which model to download. */
export interface DownloadModelOptions {
  hub: Hub;
  /** `owner/name`. */
  name: string;
  /** A branch, tag or commit. */
  revision: string;
  /** Says which of the model's files to take. */
  choose: (model: HubModel) => HubFile[];
  /** Folder of the downloaded models. */
  cacheFolder: string;
  /** Told what is happening when it takes long. */
  onProgress?: (message: string) => void;
}

/** A model of the hub, on this machine. */
export interface DownloadedModel {
  folder: string;
  name: string;
  commit: string;
}

/**
 * Downloads a model from the hub, unless the cache holds it undamaged. Where the hub cannot be
 * reached, the commit that the revision last stood for is taken from the cache.
 *
 * @throws {BirdsongError} when the hub refuses, or cannot be reached and the cache has no such model,
 *   or the cache cannot be written to.
 */
export function downloadModel(options: DownloadModelOptions): Promise<DownloadedModel> {
  return writingTo(options.cacheFolder, options.name, () => download(options));
}

async function download(options: DownloadModelOptions): Promise<DownloadedModel> {
  const { hub, name, cacheFolder, onProgress } = options;
  const cache = join(cacheFolder, name.replace("/", "--"));
  const model = await resolve(options, cache);
  const folder = join(cache, model.commit);
  mkdirSync(folder, { recursive: true });
  const downloaded = { folder, name, commit: model.commit };
  const target = (file: HubFile) => join(folder, file.path);
  const missing: HubFile[] = [];
  for (const file of options.choose(model)) {
    if (!await isIntact(target(file), file)) missing.push(file);
  }
  // Who lacks nothing waits for nobody, and needs no folder that can be written to.
  if (missing.length === 0) return downloaded;
  if (hub.offline) throw notInCache(options, `${missing[0].path} is not there`);
  await withFileLock(join(folder, ".lock"), { staleAfter: longest }, async () => {
    for (const file of missing) {
      if (await isIntact(target(file), file)) continue; // another process was quicker
      onProgress?.(`Downloading ${file.path} of ${name} (${megabytes(file.size)}) ...`);
      await downloadFile(hub, model, file, target(file));
    }
  });
  return downloaded;
}

/** The model at the commit that its revision stands for: as the hub says, or as it last said. */
async function resolve(options: DownloadModelOptions, cache: string): Promise<HubModel> {
  const { hub, name, revision, onProgress } = options;
  const record = join(cache, `${encodeURIComponent(revision)}.json`);
  const known = readRecord(record);
  if (known?.commit === revision) return known; // a commit never changes
  if (hub.offline) {
    if (known) return known;
    throw notInCache(options, "it was never downloaded");
  }
  try {
    const model = await modelInfo(hub, name, revision, known ? 1 : undefined);
    if (model.commit !== known?.commit) await replaceFile(record, JSON.stringify(model));
    return model;
  } catch (error) {
    if (!known || !(error instanceof BirdsongError && error.retriable)) throw error;
    onProgress?.(`${error.message}. Using ${name} as it was when it was last downloaded.`);
    return known;
  }
}

function readRecord(file: string): HubModel | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined; // damaged: the hub is asked again
  }
}

function notInCache({ name, cacheFolder }: DownloadModelOptions, why: string): BirdsongError {
  return new BirdsongError(
    `cannot load ${name} without the hub: ${why} (in ${cacheFolder}). Unset HF_HUB_OFFLINE once`,
    { context: { name, cacheFolder } },
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
