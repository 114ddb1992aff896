import type { EngineQuery } from "../streaming/engine.ts";

/** The running queries of a session on Spark: Spark's `spark.streams`. */
export class SparkQueryManager {
  readonly #queries = new Set<EngineQuery>();

  /** The queries that are running. */
  get active(): EngineQuery[] {
    return [...this.#queries].filter(({ isActive }) => isActive);
  }

  /** The running query of this name or id; undefined where there is none. */
  get(nameOrId: string): EngineQuery | undefined {
    return this.active.find(({ name, id }) => name === nameOrId || id === nameOrId);
  }

  /** Keeps a query that has been started. */
  add<Q extends EngineQuery>(query: Q): Q {
    this.#queries.add(query);
    return query;
  }

  /** Stops every running query. */
  async stopAll(reason?: Error): Promise<void> {
    await Promise.all(this.active.map((query) => query.stop(reason)));
  }
}
