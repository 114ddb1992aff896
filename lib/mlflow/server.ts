import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { BirdsongError } from "../errors.ts";
import { isAlive } from "../is_alive.ts";
import { withFileLock } from "../lock.ts";
import { writingTo } from "../writing_to.ts";
import { choosePort, portTaken } from "./ports.ts";
import { killTree } from "../kill_tree.ts";
import { ensureToken, probe, readRecord, removeRecord, writeRecord } from "./record.ts";
import type { ServerRecord } from "./record.ts";
import { isPortTaken, logTail, startServer } from "./start_server.ts";
import { externalServer } from "./external_server.ts";

/** A running MLflow server. */
export interface MlflowServer {
  /** Address of the page and of the REST API, such as `http://127.0.0.1:5000`. */
  uri: string;
  /** Folder of its database and artifacts; null for a server that is not the project's own. */
  folder: string | null;
  /** Its process; null for a server that is not the project's own. */
  pid: number | null;
  /** Whether this call started it. */
  started: boolean;
}

/** Where the server's data is, and which address it gets. */
export interface EnsureMlflowServerOptions {
  /** Folder of the database, the artifacts and the log; made if absent. */
  folder: string;
  /** Port for a server that has to be started; null takes 5000 or the next free one. */
  port?: number | null;
  /** Address of a server that someone else runs: it is used as it is. */
  uri?: string | null;
  /** Told what is happening when it takes long. */
  onProgress?: (message: string) => void;
  /** Ends the waiting; a server on its way up is left to the next call. */
  signal?: AbortSignal;
}

/** Milliseconds. Importing MLflow takes a busy laptop with a cold disk well over a minute. */
const startTimeout = 300_000;
/** Milliseconds until a server that was asked to end is killed. */
const stopTimeout = 10_000;

/**
 * Finds the MLflow server of a folder, or starts one. It outlives the process that started it, so
 * that all notebooks share it, and listens on 127.0.0.1 only. Processes that call this at the same
 * time get the same server.
 *
 * @throws {BirdsongError} if MLflow is not installed, the given port is taken, the server ends or
 * does not answer in time (with the end of its log), hangs, the folder cannot be written to, or the
 * one at `uri` cannot be reached.
 */
export async function ensureMlflowServer(
  options: EnsureMlflowServerOptions,
): Promise<MlflowServer> {
  if (options.uri) return await externalServer(options.uri, options.signal);
  const folder = resolve(options.folder);
  const running = await findMlflowServer(folder);
  if (running) return running;
  return await writingTo(folder, "the files of MLflow", async () => {
    await mkdir(folder, { recursive: true });
    return await withFileLock(
      join(folder, "server.lock"),
      { staleAfter: startTimeout * 2, signal: options.signal },
      async () => await findStarting(folder, options) ?? await start(folder, options),
    );
  });
}

/**
 * The server of a folder, if it runs.
 *
 * @throws {BirdsongError} if it hangs: another one beside it would be found by nobody later.
 */
export async function findMlflowServer(folder: string): Promise<MlflowServer | null> {
  const record = await readRecord(resolve(folder));
  if (!record) return null;
  const state = await probe(record);
  if (state === "silent" && record.ready && isAlive(record.pid)) throw hangs(record);
  return state === "ours" ? serverOf(record, false) : null;
}

/**
 * Ends the server of a folder; its data stays.
 *
 * @returns Whether there was one.
 * @throws {BirdsongError} if something at its address hangs: which process to end is then for the
 * person to say.
 */
export async function stopMlflowServer(folder: string): Promise<boolean> {
  const record = await readRecord(resolve(folder));
  if (!record) return false;
  const state = await probe(record);
  if (state === "silent") throw hangs(record);
  const running = state === "ours" || isStarting(record);
  if (running) await kill(record);
  await removeRecord(record.folder);
  return running;
}

/** The server that another process, perhaps one that died, has put on its way. */
async function findStarting(
  folder: string,
  options: EnsureMlflowServerOptions,
): Promise<MlflowServer | null> {
  const record = await readRecord(folder);
  if (!record) return null;
  if (await probe(record) === "ours") {
    if (!record.ready) await writeRecord({ ...record, ready: true });
    return serverOf(record, false);
  }
  if (!isStarting(record)) return null;
  return await waitUntilReady(record, options) ? serverOf(record, false) : null;
}

async function start(folder: string, options: EnsureMlflowServerOptions): Promise<MlflowServer> {
  const given = options.port ?? null;
  const token = await ensureToken(folder);
  for (let attempt = 1;; attempt++) {
    const last = await readRecord(folder);
    const port = await choosePort(given, attempt === 1 ? last?.port ?? null : null);
    options.onProgress?.(`Starting MLflow on port ${port} (10 to 30 seconds) ...`);
    const record: ServerRecord = {
      pid: await startServer(folder, port),
      port,
      uri: `http://127.0.0.1:${port}`,
      folder,
      token,
      startedAt: Date.now(),
      ready: false,
    };
    await writeRecord(record);
    if (await waitUntilReady(record, options)) {
      options.onProgress?.(`MLflow is at ${record.uri}`);
      return serverOf(record, true);
    }
    await removeRecord(folder);
    // Some seconds pass between choosing a port and listening to it.
    if (!await isPortTaken(folder)) throw await startFailed(folder, "ended before it answered");
    if (given !== null) throw portTaken(port);
    if (attempt === 3) throw await startFailed(folder, "found its port taken three times");
  }
}

/** Waits for the first answer; false if the server ended instead. */
async function waitUntilReady(
  record: ServerRecord,
  options: EnsureMlflowServerOptions,
): Promise<boolean> {
  const deadline = record.startedAt + startTimeout;
  while (isAlive(record.pid)) {
    options.signal?.throwIfAborted();
    if (await probe(record) === "ours") {
      await writeRecord({ ...record, ready: true });
      return true;
    }
    if (Date.now() > deadline) {
      killTree(record.pid, "SIGKILL");
      await removeRecord(record.folder);
      throw await startFailed(
        record.folder,
        `did not answer within ${startTimeout / 1000} seconds`,
      );
    }
    await delay(200);
  }
  return false;
}

async function startFailed(folder: string, what: string): Promise<BirdsongError> {
  return new BirdsongError(
    `the MLflow server of ${folder} ${what}. The end of ${join(folder, "server.log")}:\n` +
      await logTail(folder),
    { context: { folder } },
  );
}

function hangs({ uri, pid }: ServerRecord): BirdsongError {
  return new BirdsongError(
    `the MLflow server at ${uri} does not answer. Try again later, or look at process ${pid}, and ` +
      `end it yourself if it is "mlflow server".`,
    { retriable: true, context: { uri, pid } },
  );
}

/** Whether the recorded server may still be on its way up: its process is young and alive. */
function isStarting(record: ServerRecord): boolean {
  return !record.ready && isAlive(record.pid) &&
    Date.now() - record.startedAt < startTimeout;
}

async function kill(record: ServerRecord): Promise<void> {
  killTree(record.pid, "SIGTERM");
  const deadline = Date.now() + stopTimeout;
  while (Date.now() < deadline && await probe(record) !== "refused") await delay(100);
  killTree(record.pid, "SIGKILL");
}

function serverOf(record: ServerRecord, started: boolean): MlflowServer {
  return { uri: record.uri, folder: record.folder, pid: record.pid, started };
}
