import { clearInterval, setInterval } from "node:timers";
import { BirdsongError } from "../errors.ts";
import type { EngineQuery, EngineQueryManager } from "../streaming/engine.ts";
import type { StreamingQueryProgress } from "../streaming/progress.ts";
import {
  type StreamingQueryListener,
  tellListeners,
} from "../streaming/streaming_query_listener.ts";
import type { ProgressLog } from "./progress_log.ts";

// Milliseconds between two looks at what a query's handle has seen of it.
const lookInterval = 500;

// Milliseconds between two commits of progress records while a query runs.
const flushInterval = 10_000;

/** A query that is looked after. */
interface Followed {
  query: EngineQuery;
  startedAt: string;
  /** The last batch whose progress was taken. */
  batchId: number;
  timer: ReturnType<typeof setInterval>;
}

/** The queries of a session on Spark: Spark's `spark.streams`. */
export class SparkQueryManager implements EngineQueryManager {
  /** By name; another run of a query takes the place of the last one. */
  readonly #queries = new Map<string, Followed>();
  /** Names of queries that do not run yet. */
  readonly #starting = new Set<string>();
  readonly #listeners = new Set<StreamingQueryListener>();
  #pending: StreamingQueryProgress[] = [];
  #lastFlush = Date.now();
  #flushing: Promise<void> = Promise.resolve();

  constructor(private readonly log: Pick<ProgressLog, "append">) {}

  /** The queries that are running. */
  get active(): EngineQuery[] {
    return this.all.map(({ query }) => query).filter(({ isActive }) => isActive);
  }

  /** The last run of every query, with its start, ISO 8601 in UTC. */
  get all(): Pick<Followed, "query" | "startedAt">[] {
    return [...this.#queries.values()];
  }

  /** The running query of this name or id; undefined where there is none. */
  get(nameOrId: string): EngineQuery | undefined {
    return this.active.find(({ name, id }) => name === nameOrId || id === nameOrId);
  }

  /** Tells `listener` what the queries do; returns the function that ends that. */
  addListener(listener: StreamingQueryListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Starts a query with `start`, and looks after it.
   *
   * @throws {BirdsongError} when a query of this name runs already in this session.
   */
  async start<Q extends EngineQuery>(name: string, start: () => Promise<Q>): Promise<Q> {
    if (this.#starting.has(name) || this.#queries.get(name)?.query.isActive) {
      throw new BirdsongError(
        `${name} is running already: a query name can run only once. Wait for it with ` +
          "awaitTermination(), or stop it first (`await session.stopAllStreams()` stops all of this " +
          "session).",
        { context: { query: name } },
      );
    }
    this.#starting.add(name);
    try {
      return this.#follow(await start());
    } finally {
      this.#starting.delete(name);
    }
  }

  /** Stops every running query. */
  async stopAll(reason?: Error): Promise<void> {
    await Promise.all(this.active.map((query) => query.stop(reason)));
  }

  /** Writes down the progress that has been seen so far. */
  async flush(): Promise<void> {
    for (const followed of this.#queries.values()) this.#take(followed);
    this.#lastFlush = Date.now();
    // One commit after the other, in the order of the batches.
    this.#flushing = this.#flushing.then(async () => {
      const records = this.#pending;
      this.#pending = [];
      try {
        await this.log.append(records);
      } catch (error) {
        this.#pending = [...records, ...this.#pending];
        throw error;
      }
    });
    const flushing = this.#flushing;
    // What could not be written is tried again by the next one.
    this.#flushing = flushing.catch(() => {});
    await flushing;
  }

  /** Stops every query and writes down what is left. */
  async close(): Promise<void> {
    try {
      await this.stopAll();
      await this.flush();
    } finally {
      for (const { timer } of this.#queries.values()) clearInterval(timer);
    }
  }

  #follow<Q extends EngineQuery>(query: Q): Q {
    const startedAt = new Date().toISOString();
    const timer = setInterval(() => this.#look(followed), lookInterval);
    const followed: Followed = { query, startedAt, batchId: -1, timer };
    this.#queries.set(query.name, followed);
    const { id, runId, name } = query;
    tellListeners(
      this.#listeners,
      (listener) => listener.onQueryStarted?.({ id, runId, name, timestamp: startedAt }),
    );
    // Asked for before anyone else can: so listeners know of the end before those who await it.
    const ended = () => this.#onTerminated(followed);
    query.awaitTermination().then(ended, ended);
    return query;
  }

  #look(followed: Followed): void {
    this.#take(followed);
    if (this.#pending.length === 0 || Date.now() - this.#lastFlush < flushInterval) return;
    // The records stay; whoever reads them flushes again, and gets the error.
    void this.flush().catch(() => {});
  }

  /** Takes the progress of batches that are new. */
  #take(followed: Followed): void {
    const news = followed.query.recentProgress.filter(({ batchId }) => batchId > followed.batchId);
    for (const progress of news) {
      followed.batchId = progress.batchId;
      this.#pending.push(progress);
      tellListeners(this.#listeners, (listener) => listener.onQueryProgress?.(progress));
    }
  }

  #onTerminated(followed: Followed): void {
    const { query: { id, runId, name, exception }, timer } = followed;
    clearInterval(timer);
    this.#take(followed);
    tellListeners(
      this.#listeners,
      (listener) => listener.onQueryTerminated?.({ id, runId, name, exception }),
    );
    void this.flush().catch(() => {});
  }
}
