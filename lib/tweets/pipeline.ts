import type { Scorer } from "../sentiment/scorer.ts";
import type { EngineQuery, EngineSession } from "../streaming/engine.ts";
import type { Trigger } from "../streaming/triggers/trigger.ts";
import { application, applicationSchema, mergeApplication } from "./application.ts";
import { bronze, rawTweet } from "./bronze.ts";
import { gold, type ScoringProgress } from "./gold.ts";
import { silver } from "./silver.ts";

/** The tables of the pipeline, in the order in which they are made. */
export const tiers = ["bronze", "silver", "gold", "application"] as const;

/** What the pipeline runs on. */
export interface PipelineOptions {
  /** DuckDB in this process, or a Spark cluster. */
  session: EngineSession;
  /** Folder with the tweets' JSON files. */
  source: string;
  scorer: Scorer;
  maxFilesPerTrigger?: number;
  maxRowsPerTrigger?: number;
  /** @default { availableNow: true } */
  trigger?: Trigger;
  onScoring?: ScoringProgress;
}

/** Starts a tier's stream. The notebooks 03 to 05 and 09 say the same in their cells. */
export const startTier: Record<
  typeof tiers[number],
  (options: PipelineOptions) => Promise<EngineQuery>
> = {
  bronze: ({ session, source, maxFilesPerTrigger, trigger = now }) =>
    session.readStream.schema(rawTweet).options({ maxFilesPerTrigger }).json(source)
      .transform(bronze)
      .writeStream.queryName("bronze_stream").trigger(trigger).toTable("bronze"),

  silver: ({ session, maxRowsPerTrigger, trigger = now }) =>
    session.readStream.options({ maxRowsPerTrigger }).table("bronze")
      .transform(silver)
      .writeStream.queryName("silver_stream").trigger(trigger).toTable("silver"),

  gold: ({ session, scorer, maxRowsPerTrigger, trigger = now, onScoring }) =>
    session.readStream.options({ maxRowsPerTrigger }).table("silver")
      .transform(gold(scorer, onScoring))
      .writeStream.queryName("gold_stream").trigger(trigger).toTable("gold"),

  application: ({ session, maxRowsPerTrigger, trigger = now }) =>
    session.readStream.options({ maxRowsPerTrigger }).table("gold")
      .transform(application)
      .writeStream.queryName("application_stream").trigger(trigger)
      .foreachBatch("application", applicationSchema, mergeApplication),
};

const now: Trigger = { availableNow: true };
