import type { Lakehouse } from "../lakehouse/lakehouse.ts";
import type { Clock } from "./triggers/clock.ts";
import type { QueryDefinition } from "./micro_batch_execution.ts";
import { StreamingQuery } from "./streaming_query.ts";
import { type StreamingQueryListener, tellListeners } from "./streaming_query_listener.ts";
import { waitAtMost } from "./wait_at_most.ts";

/** The queries that run in this process on one lake: Spark's `spark.streams`. */
export class StreamingQueryManager {
  readonly #active = new Map<string, StreamingQuery>();
  readonly #listeners = new Set<StreamingQueryListener>();
  /** The end that `awaitAnyTermination` tells of; undefined where no query has ended. */
  #terminated: { exception: Error | undefined } | undefined;
  readonly #waiting = new Set<() => void>();

  constructor(private readonly lake: Lakehouse, private readonly clock: Clock) {}

  /** The queries that are running. */
  get active(): StreamingQuery[] {
    return [...this.#active.values()];
  }

  /** The running query of this name or id; undefined where there is none. */
  get(nameOrId: string): StreamingQuery | undefined {
    return this.#active.get(nameOrId) ?? this.active.find(({ id }) => id === nameOrId);
  }

  /** Tells `listener` what the queries do; returns the function that ends that. */
  addListener(listener: StreamingQueryListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Starts a query.
   *
   * @throws {BirdsongError} when a query of this name runs already, here or in another process.
   */
  start(definition: QueryDefinition): Promise<StreamingQuery> {
    return StreamingQuery.start(this.lake, definition, this.clock, {
      onStarted: (query) => {
        const { id, runId, name } = query;
        this.#active.set(name, query);
        const timestamp = new Date(this.clock.now()).toISOString();
        tellListeners(
          this.#listeners,
          (listener) => listener.onQueryStarted?.({ id, runId, name, timestamp }),
        );
      },
      onProgress: (progress) =>
        tellListeners(this.#listeners, (listener) => listener.onQueryProgress?.(progress)),
      onIdle: (event) =>
        tellListeners(this.#listeners, (listener) => listener.onQueryIdle?.(event)),
      onTerminated: (query) => this.#onTerminated(query),
    });
  }

  /**
   * Waits until any query has ended since the session was opened, or since `resetTerminated`.
   *
   * @param timeoutMs Give up waiting after so many milliseconds.
   * @returns Whether a query has ended.
   * @throws The error of a query that has failed.
   */
  async awaitAnyTermination(timeoutMs?: number): Promise<boolean> {
    if (!this.#terminated) {
      let wake = () => {};
      const ended = new Promise<void>((resolve) => wake = resolve);
      this.#waiting.add(wake);
      await waitAtMost(ended, timeoutMs).finally(() => this.#waiting.delete(wake));
    }
    if (this.#terminated?.exception) throw this.#terminated.exception;
    return this.#terminated !== undefined;
  }

  /** Forgets the queries that have ended, so that `awaitAnyTermination` waits for the next one. */
  resetTerminated(): void {
    this.#terminated = undefined;
  }

  /** Stops every running query; see {@linkcode StreamingQuery.stop}. */
  async stopAll(reason?: Error): Promise<void> {
    await Promise.all(this.active.map((query) => query.stop(reason)));
  }

  #onTerminated(query: StreamingQuery): void {
    const { id, runId, name, exception } = query;
    // Another run of it may have been started by now.
    if (this.#active.get(name) === query) this.#active.delete(name);
    // A later query that ended well does not hide an error.
    if (!this.#terminated || exception) this.#terminated = { exception };
    for (const wake of this.#waiting) wake();
    tellListeners(
      this.#listeners,
      (listener) => listener.onQueryTerminated?.({ id, runId, name, exception }),
    );
  }
}
