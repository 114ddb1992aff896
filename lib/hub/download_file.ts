import { createHash } from "node:crypto";
import { createReadStream, existsSync, statSync } from "node:fs";
import { appendFile, mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { BirdsongError } from "../errors.ts";
import { writingTo } from "../writing_to.ts";
import type { Hub } from "./hub.ts";
import type { HubFile, HubModel } from "./model_info.ts";
import { requestFromHub } from "./request.ts";

/** A file that comes with the wrong content is fetched so many times. */
const tries = 2;
/** Each goes on where the one before it broke off. */
const downloadAttempts = 10;

/**
 * Downloads one file of a model. It appears at `target` when it is complete and its hash is right; a
 * download that broke off is gone on with, in this call and in a later one.
 *
 * @throws {BirdsongError} when the content is not what the hub says, when it cannot be written, or
 *   what {@linkcode requestFromHub} throws.
 */
export async function downloadFile(
  hub: Hub,
  model: HubModel,
  file: HubFile,
  target: string,
): Promise<void> {
  const part = `${target}.part`;
  await mkdir(dirname(target), { recursive: true });
  for (let attempt = 0; attempt < tries; attempt++) {
    await appendFile(part, ""); // of an empty file, nothing has to be fetched
    await fetchRest(hub, model, file, part);
    if (await isIntact(part, file)) return await rename(part, target);
    await rm(part);
  }
  throw new BirdsongError(
    `cannot load ${file.path} of ${model.name} from ${hub.endpoint}: what comes is not what the hub ` +
      "says it is (its hash differs); something on the way changes it",
    { context: { endpoint: hub.endpoint, model: model.name, file: file.path } },
  );
}

/** Whether the file is there with the right content. */
export async function isIntact(path: string, { size, sha256, gitHash }: HubFile): Promise<boolean> {
  if (sizeOf(path) !== size || !existsSync(path)) return false;
  const hash = createHash(sha256 ? "sha256" : "sha1");
  if (!sha256) hash.update(`blob ${size}\0`); // as Git does
  for await (const bytes of createReadStream(path)) hash.update(bytes);
  return hash.digest("hex") === (sha256 ?? gitHash);
}

/** Fetches what `part` lacks of the file. */
async function fetchRest(hub: Hub, model: HubModel, file: HubFile, part: string): Promise<void> {
  if (sizeOf(part) > file.size) await rm(part);
  if (sizeOf(part) === file.size) return;
  const path = file.path.split("/").map(encodeURIComponent).join("/");
  await requestFromHub(hub, {
    path: `/${model.name}/resolve/${model.commit}/${path}`,
    what: `${model.name} (${file.path})`,
    attempts: downloadAttempts,
    // Every attempt goes on where the one before it broke off.
    headers: () => ({ "accept-encoding": "identity", range: `bytes=${sizeOf(part)}-` }),
    read: (response, alive) => append(response, part, file.size, alive),
  });
}

/** Writes the answer behind what is there, or over it when the hub sends the whole file. */
async function append(
  response: Response,
  part: string,
  size: number,
  alive: () => void,
): Promise<void> {
  // An error of the disk is told at once: to ask the hub again is of no use.
  const onDisk = <T>(action: () => Promise<T>) => writingTo(dirname(part), basename(part), action);
  const output = await onDisk(() => open(part, response.status === 206 ? "a" : "w"));
  try {
    for await (const bytes of response.body ?? []) {
      await onDisk(() => output.appendFile(bytes)); // all of them, where write() may stop short
      alive();
    }
  } finally {
    await onDisk(() => output.close());
  }
  if (sizeOf(part) < size) throw new Error("the connection ended before the file did");
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
