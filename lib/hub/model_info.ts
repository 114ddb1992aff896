import { BirdsongError } from "../errors.ts";
import type { Hub } from "./hub.ts";
import { requestFromHub } from "./request.ts";

/** A file of a model on the hub. */
export interface HubFile {
  /** Relative to the model, with `/` between its parts. */
  path: string;
  /** In bytes. */
  size: number;
  /** Of its content; only large files (Git LFS) have one. */
  sha256?: string;
  /** Git's hash of its content; of a large file it is that of the pointer to it. */
  gitHash: string;
}

/** A model of the hub at one commit. */
export interface HubModel {
  /** `owner/name`. */
  name: string;
  commit: string;
  files: HubFile[];
}

/** The hub's answer, as far as it is used. */
interface Answer {
  sha?: unknown;
  siblings?: { rfilename: string; size: number; blobId: string; lfs?: { sha256: string } | null }[];
}

/**
 * Asks the hub for the files of a model.
 *
 * @param revision A branch, tag or commit.
 * @throws what {@linkcode requestFromHub} throws.
 */
export async function modelInfo(
  hub: Hub,
  name: string,
  revision: string,
  attempts?: number,
): Promise<HubModel> {
  let answer: Answer = {};
  await requestFromHub(hub, {
    path: `/api/models/${name}/revision/${encodeURIComponent(revision)}?blobs=true`,
    what: revision === "main" ? name : `${name}@${revision}`,
    attempts,
    read: async (response) => {
      answer = parse(await response.text());
    },
  });
  const { sha, siblings } = answer;
  if (typeof sha !== "string" || !/^[0-9a-f]{40}$/.test(sha) || !Array.isArray(siblings)) {
    throw new BirdsongError(
      `${hub.endpoint} does not speak the protocol of the Hugging Face hub: its answer for ${name} ` +
        "names no commit or no files (see HF_ENDPOINT)",
      { context: { endpoint: hub.endpoint, name } },
    );
  }
  const files = siblings.map(({ rfilename, size, blobId, lfs }): HubFile => ({
    path: rfilename,
    size,
    gitHash: blobId,
    ...(lfs ? { sha256: lfs.sha256 } : {}),
  }));
  return { name, commit: sha, files };
}

function parse(text: string): Answer {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {}; // a page for people
  }
}
