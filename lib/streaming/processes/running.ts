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
import { join } from "node:path";
import { clearInterval, setInterval } from "node:timers";
import { BirdsongError, messageOf } from "../../errors.ts";
import { hasEnded, isThisProcess, type ProcessId, thisProcess } from "./process_id.ts";

/** A run of a query, in whatever process. */
export interface QueryRun {
  name: string;
  runId: string;
  /** The process that runs it. */
  pid: number;
  host: string;
  /** When it was started, ISO 8601 in UTC. */
  startedAt: string;
  /** Whether it runs in this process. */
  here: boolean;
  /**
   * - `running`
   * - `failed`: an error has ended it; kept until the query's next start
   * - `dead`: its process has ended without a word, or has been silent for 15 seconds
   */
  state: "running" | "failed" | "dead";
  /** The first line of the error that ended it; null where none did. */
  error: string | null;
}

/** What a mark's file holds, as JSON. */
interface Mark extends ProcessId {
  name: string;
  runId: string;
  startedAt: string;
  error: string | null;
}

/**
 * A process that has not touched its mark for so long is taken for dead, in milliseconds. The
 * clocks of machines that share a lake must agree to a few seconds.
 */
const deadAfter = 15_000;
const beat = 500;
const longestError = 500;

/**
 * Says to all processes that a run of a query goes on in this one: a file of its own in the lake's
 * folder, whose time is moved twice a second. A file `<name>.<run>.stop` beside it asks it to stop.
 *
 * Whose run is the query's is said by the checkpoint; the mark says whether that run is alive.
 */
export class RunMark {
  readonly #file: string;
  readonly #mark: Mark;
  readonly #timer: ReturnType<typeof setInterval>;
  #isHolder = false;

  /**
   * @param onStop Called when another process asks the run to stop; with an error when another run
   *   has taken the query over. Called again until {@linkcode end}.
   */
  constructor(
    private readonly lake: string,
    name: string,
    runId: string,
    onStop: (reason?: Error) => void,
  ) {
    const startedAt = new Date().toISOString();
    this.#mark = { name, runId, ...thisProcess(), startedAt, error: null };
    this.#file = runFile(lake, name, runId, "json");
    mkdirSync(folderOf(lake), { recursive: true });
    this.#write(this.#mark);
    const stop = runFile(lake, name, runId, "stop");
    this.#timer = setInterval(() => {
      if (existsSync(stop)) onStop();
      if (!touch(this.#file)) onStop(takenOver(name));
    }, beat);
    this.#timer.unref();
  }

  /** The run that it stands for. */
  get run(): QueryRun {
    return toRun(this.#mark, "running");
  }

  /** The query is this run's now: what its earlier runs have left is removed. */
  becomeHolder(): void {
    this.#isHolder = true;
    removeEndedRuns(this.lake, this.#mark.name);
  }

  /** The run has ended, with an error or without; the error of the query's holder is kept. */
  end(error?: unknown): void {
    clearInterval(this.#timer);
    const { name, runId } = this.#mark;
    rmSync(runFile(this.lake, name, runId, "stop"), { force: true });
    // Where the mark is gone, the query is another run's by now.
    if (error !== undefined && this.#isHolder && existsSync(this.#file)) {
      const [line] = messageOf(error).split("\n", 1);
      this.#write({ ...this.#mark, error: line.slice(0, longestError) });
    } else rmSync(this.#file, { force: true });
  }

  #write(mark: Mark): void {
    try {
      writeFileSync(this.#file, JSON.stringify(mark));
    } catch (error) {
      // A full disk leaves an empty file, which would say that the run goes on.
      rmSync(this.#file, { force: true });
      throw error;
    }
  }
}

/** The runs that go on on a lake, have failed, or died, in whatever process, by name. */
export function readRuns(lake: string): QueryRun[] {
  return runFiles(lake)
    .filter(({ kind }) => kind === "json")
    .map(({ name, runId }) => readRun(lake, name, runId))
    .filter((run) => run !== undefined);
}

/** One run of a query; undefined where it has ended well, or was overtaken. */
export function readRun(lake: string, name: string, runId: string): QueryRun | undefined {
  const file = runFile(lake, name, runId, "json");
  try {
    const mark: Mark = JSON.parse(readFileSync(file, "utf8"));
    if (mark.error !== null) return toRun(mark, "failed");
    return toRun(mark, hasEnded(mark) || isQuiet(file) ? "dead" : "running");
  } catch (error) {
    // Gone since it was listed, or not written to its end.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
}

/** Asks a run to stop, in whatever process; it does so within about a second. */
export function requestStop(lake: string, { name, runId }: QueryRun): void {
  writeFileSync(runFile(lake, name, runId, "stop"), "");
}

/** Removes what runs have left that failed or died: those of one query, or all. */
export function removeEndedRuns(lake: string, query?: string): void {
  for (const { name, runId, file } of runFiles(lake)) {
    if (query !== undefined && name !== query) continue;
    const run = readRun(lake, name, runId);
    // A file that says nothing may be about to.
    const ended = run === undefined ? isQuiet(file) : run.state !== "running";
    if (ended) rmSync(file, { force: true });
  }
}

/** The error of a start that finds another run of its query alive. */
export function alreadyRunning({ name, pid, host, startedAt, here }: QueryRun): BirdsongError {
  const where = here ? "" : ` in process ${pid} on ${host} since ${startedAt}`;
  return new BirdsongError(
    `${name} is running already${where}: a query name can run only once. Wait for it with ` +
      "awaitTermination(), or stop it first (await session.stopAllStreams() stops all, wherever they " +
      `run; in a terminal: deno task streams --stop ${name}).`,
    { context: { query: name, pid } },
  );
}

/** The error of a run whose query another one has taken over. */
export function takenOver(name: string): BirdsongError {
  return new BirdsongError(
    `${name} runs in another process too, which has taken it over: this run has ended, and nothing ` +
      `was written twice. That happens to a run that is silent for ${deadAfter / 1000} s, on a ` +
      "suspended computer or in a stopped process. `deno task streams` shows where it runs now.",
    { context: { query: name } },
  );
}

function toRun({ name, runId, startedAt, error, ...by }: Mark, state: QueryRun["state"]): QueryRun {
  const { pid, host } = by;
  return { name, runId, pid, host, startedAt, here: isThisProcess(by), state, error };
}

function isQuiet(file: string): boolean {
  const mtime = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
  return Date.now() - mtime > deadAfter;
}

/** Moves a file's time; false where there is none. */
function touch(file: string): boolean {
  const now = new Date();
  try {
    utimesSync(file, now, now);
  } catch (error) {
    // Any other error may pass; until then, the run is silent.
    return (error as NodeJS.ErrnoException).code !== "ENOENT";
  }
  return true;
}

function folderOf(lake: string): string {
  return join(lake, "running");
}

function runFile(lake: string, name: string, runId: string, kind: "json" | "stop"): string {
  return join(folderOf(lake), `${name}.${runId}.${kind}`);
}

/** The files of all runs, by name. */
function runFiles(lake: string): { name: string; runId: string; kind: string; file: string }[] {
  if (!existsSync(folderOf(lake))) return [];
  return readdirSync(folderOf(lake)).sort().flatMap((file) => {
    const match = /^(\w+)\.([\w-]+)\.(json|stop)$/.exec(file);
    if (!match) return [];
    const [, name, runId, kind] = match;
    return [{ name, runId, kind, file: join(folderOf(lake), file) }];
  });
}
