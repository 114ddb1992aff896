import { BirdsongError } from "../errors.ts";
import { request, requestJson } from "./request.ts";

/** A file of an artifact folder. */
export interface ArtifactFile {
  /** Relative to the folder, with `/` between its parts. */
  path: string;
  /** In bytes. */
  size: number;
}

const proxyPath = "/api/2.0/mlflow-artifacts/artifacts";
/** In milliseconds. */
const transferTimeout = 10 * 60_000;

/** Stores bytes as the file `path` of an artifact folder, through the server. */
export async function uploadArtifact(
  uri: string,
  folder: string,
  path: string,
  bytes: Uint8Array,
): Promise<void> {
  const target = `${proxyPath}/${encodePath(`${rootOf(folder)}/${path}`)}`;
  await request(uri, {
    path: target,
    method: "PUT",
    bytes,
    timeout: transferTimeout,
  });
}

/** The content of the file `path` of an artifact folder. */
export async function readArtifact(
  uri: string,
  folder: string,
  path: string,
): Promise<Uint8Array> {
  const source = `${proxyPath}/${encodePath(`${rootOf(folder)}/${path}`)}`;
  return await request(uri, { path: source, timeout: transferTimeout });
}

/**
 * All files of an artifact folder and its subfolders, sorted by path.
 *
 * @throws {BirdsongError} if the server names a file outside the folder.
 */
export async function listArtifacts(
  uri: string,
  folder: string,
): Promise<ArtifactFile[]> {
  const root = rootOf(folder);
  const found: ArtifactFile[] = [];
  const list = async (prefix: string): Promise<void> => {
    const query = { path: `${root}/${prefix}`.replace(/\/$/, "") };
    const { files = [] } = await requestJson(uri, { path: proxyPath, query });
    for (const file of files) {
      const path = prefix + checkedName(file.path, folder);
      if (file.is_dir) await list(`${path}/`);
      else found.push({ path, size: Number(file.file_size) });
    }
  };
  await list("");
  return found.sort((a, b) => a.path < b.path ? -1 : 1);
}

/** The part of an artifact URI that the server's artifact proxy knows. */
function rootOf(artifactUri: string): string {
  const match = /^mlflow-artifacts:(?:\/\/[^/]*)?\/+(.+?)\/*$/.exec(artifactUri);
  if (match) return match[1];
  throw new BirdsongError(
    `the artifacts at ${artifactUri} are not served by MLflow: start its server with ` +
      `--serve-artifacts, and use an experiment made after that.`,
    { context: { artifactUri } },
  );
}

/** Names become file names here, so a server must not choose where they lead. */
function checkedName(name: string, folder: string): string {
  if (/^[^/\\\0]+$/.test(name) && name !== "." && name !== "..") return name;
  throw new BirdsongError(`the artifacts of ${folder} hold a file with an unsafe name: "${name}"`);
}

function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}
