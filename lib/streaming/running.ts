import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { clearInterval, setInterval } from "node:timers";
import { BirdsongError } from "../errors.ts";

/** A query that runs in some process. */
export interface RunningQuery {
  name: string;
  runId: string;
  /** The process that runs it. */
  pid: number;
  host: string;
  /** When it was started, ISO 8601 in UTC. */
  startedAt: string;
  /** Whether it runs in this process. */
  here: boolean;
  /** `running`, or `dead` where its process has ended without saying so. */
  state: "running" | "dead";
}

// A process that has not touched its file for so long is taken for dead, in milliseconds.
const deadAfter = 15_000;
const beat = 500;

/**
 * Says to all processes that a query runs in this one: a file in the lake's folder, which exists as
 * long as the query runs. Its time is moved twice a second; a file `<name>.stop` beside it asks the
 * query to stop.
 *
 * It keeps a person from starting a stream twice. That nothing is written twice even then is the
 * checkpoint's work.
 */
export class RunningMark {
  readonly #file: string;
  readonly #stop: string;
  readonly #runId: string;
  readonly #timer: ReturnType<typeof setInterval>;

  /**
   * @param onStopRequest Called when another process asks the query to stop.
   * @throws {BirdsongError} when the query runs already.
   */
  constructor(lake: string, name: string, runId: string, onStopRequest: () => void) {
    this.#file = markFile(lake, name);
    this.#runId = runId;
    mkdirSync(folderOf(lake), { recursive: true });
    const found = readMark(this.#file);
    // A process that was cut off in its first line leaves a mark that says nothing.
    const dead = found ? found.state === "dead" : isQuiet(this.#file);
    if (dead) rmSync(this.#file, { force: true });
    const mark = { name, runId, pid: process.pid, host: hostname(), startedAt: new Date() };
    try {
      writeFileSync(this.#file, JSON.stringify(mark), { flag: "wx" });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const other = readMark(this.#file);
      const where = !other
        ? " in another process"
        : other.here
        ? ""
        : ` in process ${other.pid} since ${other.startedAt}`;
      throw new BirdsongError(
        `${name} is running already${where}` +
          ": a query name can run only once. Wait for it with awaitTermination(), or stop it first " +
          `(await stopAllStreams(session) stops all, wherever they run).`,
        { cause: error, context: { query: name, pid: other?.pid ?? null } },
      );
    }
    // Of an earlier run; only now, as it may ask the one that has refused this one.
    const stop = stopFile(lake, name);
    rmSync(stop, { force: true });
    this.#stop = stop;
    this.#timer = setInterval(() => {
      if (existsSync(stop)) onStopRequest();
      touch(this.#file);
    }, beat);
    this.#timer.unref();
  }

  /** The query has ended. */
  remove(): void {
    clearInterval(this.#timer);
    // Where this process was taken for dead, the file may be another's by now.
    if (readMark(this.#file)?.runId !== this.#runId) return;
    rmSync(this.#stop, { force: true });
    rmSync(this.#file, { force: true });
  }
}

/** The queries that run on a lake, in whatever process, by name. */
export function runningQueries(lake: string): RunningQuery[] {
  if (!existsSync(folderOf(lake))) return [];
  return readdirSync(folderOf(lake))
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file) => readMark(join(folderOf(lake), file)))
    .filter((query) => query !== undefined);
}

/** Asks a query to stop, in whatever process it runs; it does so within about a second. */
export function requestStop(lake: string, name: string): void {
  writeFileSync(stopFile(lake, name), "");
}

function readMark(file: string): RunningQuery | undefined {
  try {
    const mark = JSON.parse(readFileSync(file, "utf8"));
    const quiet = isQuiet(file);
    const ended = mark.host === hostname() && !isAlive(mark.pid);
    const here = mark.host === hostname() && mark.pid === process.pid;
    return { ...mark, here, state: quiet || ended ? "dead" : "running" };
  } catch (error) {
    // Gone since it was listed, or not written to its end yet.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
}

function isQuiet(file: string): boolean {
  const mtime = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
  return Date.now() - mtime > deadAfter;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function touch(file: string): void {
  const now = new Date();
  try {
    utimesSync(file, now, now);
  } catch {
    // The lake's folder has been removed under the query; its next commit says so.
  }
}

function folderOf(lake: string): string {
  return join(lake, "running");
}

function markFile(lake: string, name: string): string {
  return join(folderOf(lake), `${name}.json`);
}

function stopFile(lake: string, name: string): string {
  return join(folderOf(lake), `${name}.stop`);
}
