import { join } from "node:path";
import type { Connection } from "../../lib/lakehouse/connection.ts";
import { Session } from "../../lib/streaming/session.ts";
import type { StreamingQuery } from "../../lib/streaming/streaming_query.ts";
import type { Transform } from "../../lib/streaming/transform.ts";
import { startTier } from "../../lib/tweets/pipeline.ts";
import type { Figure } from "./figure.ts";
import { type InputSize, writeInput } from "./input.ts";
import { constantScorer } from "./constant_scorer.ts";

/** What is measured, and how often. */
export interface BenchOptions extends InputSize {
  /** Where the tweets come from; see {@linkcode writeInput}. */
  from: string | undefined;
  /** Repetitions, of which the medians count. */
  rounds: number;
  /** Small batches, one after the other. */
  batches: number;
  /** Tweets that the stage `gold` scores at most. */
  scored: number;
  /** The model's folder. */
  model: string;
}

/** Measures one part of the pipeline. */
export type Stage = (bench: Bench) => Promise<Figure[]>;

/** What the stages of a run share: a folder for their files, and a lake with all tables. */
export class Bench {
  #source: Promise<string> | undefined;
  #session: Promise<Session> | undefined;

  constructor(
    readonly options: BenchOptions,
    /** For what the stages write; empty at first. */
    readonly folder: string,
    /** Told what has been measured so far. */
    readonly progress: (line: string) => void,
  ) {}

  /** The folder with all tweets. */
  source(): Promise<string> {
    return this.#source ??= writeInput(this.folder, this.options, this.options.from);
  }

  /** A lake with all tweets in bronze, silver and gold; the sentiments in it are not a model's. */
  session(): Promise<Session> {
    return this.#session ??= this.#prepare();
  }

  async close(): Promise<void> {
    await (await this.#session)?.close();
  }

  async #prepare(): Promise<Session> {
    this.progress("preparing the tables");
    const session = await Session.open(join(this.folder, "lake"));
    const options = { session, source: await this.source(), scorer: constantScorer };
    for (const tier of ["bronze", "silver", "gold"] as const) {
      await (await startTier[tier](options)).awaitTermination();
    }
    return session;
  }
}

/** Takes all new rows of a table through a transform, into a table of the query's own. */
export async function runTable(
  session: Session,
  table: string,
  transform: Transform,
  name: string,
): Promise<StreamingQuery> {
  const query = await session.readStream.table(table).transform(transform)
    .writeStream.queryName(name).trigger({ availableNow: true }).toTable(name);
  await query.awaitTermination();
  return query;
}

/** Changes a lake's tables beside its streams. */
export async function commit(
  { lake }: Session,
  action: (connection: Connection) => Promise<unknown>,
): Promise<void> {
  await lake.transaction({ author: "bench", message: "prepare" }, action);
}
