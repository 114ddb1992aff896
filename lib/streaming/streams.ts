import type { Lakehouse } from "../lakehouse/lakehouse.ts";
import type { StreamingQueryProgress } from "./progress.ts";
import { type QueryDefinition, StreamingQuery } from "./streaming_query.ts";

/** Is told what the queries of this process do. */
export interface StreamingQueryListener {
  onQueryProgress?(progress: StreamingQueryProgress): void;
  onQueryTerminated?(query: { name: string; exception: Error | undefined }): void;
}

/** The queries that run in this process on one lake: Spark's `spark.streams`. */
export class StreamingQueryManager {
  readonly #queries = new Map<string, StreamingQuery>();
  readonly #listeners = new Set<StreamingQueryListener>();

  constructor(private readonly lake: Lakehouse) {}

  /** The queries that are running. */
  get active(): StreamingQuery[] {
    return [...this.#queries.values()].filter((query) => query.isActive);
  }

  /** The running query of this name; undefined where there is none. */
  get(name: string): StreamingQuery | undefined {
    return this.active.find((query) => query.name === name);
  }

  /** Tells `listener` of progress and ends; returns the function that ends that. */
  addListener(listener: StreamingQueryListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Starts a query.
   *
   * @throws {BirdsongError} when a query of this name runs already, here or in another process.
   */
  async start(
    definition: Omit<QueryDefinition, "onProgress" | "onTerminated">,
  ): Promise<StreamingQuery> {
    const { name } = definition;
    const query = await StreamingQuery.start(this.lake, {
      ...definition,
      onProgress: (progress) => this.#tell((listener) => listener.onQueryProgress?.(progress)),
      onTerminated: (exception) =>
        this.#tell((listener) => listener.onQueryTerminated?.({ name, exception })),
    });
    this.#queries.set(name, query);
    return query;
  }

  #tell(event: (listener: StreamingQueryListener) => void): void {
    for (const listener of this.#listeners) {
      try {
        event(listener);
      } catch (error) {
        // A listener's mistake must not end the stream it listens to.
        console.error("a streaming query listener failed:", error);
      }
    }
  }

  /** Stops every running query; see {@linkcode StreamingQuery.stop}. */
  async stopAll(reason?: Error): Promise<void> {
    await Promise.all(this.active.map((query) => query.stop(reason)));
  }
}
