import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { replaceFile } from "../replace_file.ts";

/** What `server.json` says about the server of a folder. */
export interface ServerRecord {
  /** The process that leads the server's process group. */
  pid: number;
  port: number;
  /** Address of the page and of the REST API. */
  uri: string;
  /** The folder, absolute: a copy of it elsewhere is not what this server serves. */
  folder: string;
  /** Content of {@linkcode tokenFile}. */
  token: string;
  /** When it was started, in milliseconds since 1970. */
  startedAt: number;
  /** Whether it has answered once. */
  ready: boolean;
}

/** What a look at a recorded server found. */
export type ServerState = "ours" | "other" | "silent" | "refused";

/**
 * A file among the artifacts, so that a server can prove over HTTP that it serves this folder: the
 * port of a server that has ended may belong to any program by now, and so may its process id.
 */
const tokenFile = "birdsong-server.txt";
/** In milliseconds. */
const answerTimeout = 10_000;

/** The record of a folder's server; null where there is none that is of this folder. */
export async function readRecord(folder: string): Promise<ServerRecord | null> {
  try {
    const record = JSON.parse(await readFile(recordFile(folder), "utf8")) as ServerRecord;
    return record.folder === folder ? record : null;
  } catch {
    return null; // none yet, or not ours to understand
  }
}

/** Keeps a server's record in its folder, in place of the one before. */
export async function writeRecord(record: ServerRecord): Promise<void> {
  await replaceFile(recordFile(record.folder), JSON.stringify(record, null, 2) + "\n");
}

/** Removes the record of a folder's server, if there is one. */
export async function removeRecord(folder: string): Promise<void> {
  await rm(recordFile(folder), { force: true });
}

/** The folder's token, made if there is none. */
export async function ensureToken(folder: string): Promise<string> {
  const file = join(folder, "artifacts", tokenFile);
  const found = await readFile(file, "utf8").catch(() => "");
  if (found !== "") return found;
  await mkdir(join(folder, "artifacts"), { recursive: true });
  const token = randomUUID();
  await writeFile(file, token);
  return token;
}

/**
 * Asks whether the recorded server answers and serves the record's folder. `other`: another
 * program answers; `silent`: something accepts the connection but does not answer; `refused`:
 * nothing listens.
 */
export async function probe(record: ServerRecord): Promise<ServerState> {
  try {
    const health = await get(`${record.uri}/health`);
    if (health !== "OK") return "other";
    const token = await get(
      `${record.uri}/api/2.0/mlflow-artifacts/artifacts/${tokenFile}`,
    );
    return token === record.token ? "ours" : "other";
  } catch (error) {
    return (error as Error).name === "TimeoutError" ? "silent" : "refused";
  }
}

async function get(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(answerTimeout) });
  return await response.text();
}

function recordFile(folder: string): string {
  return join(folder, "server.json");
}
