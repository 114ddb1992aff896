/**
 * The whole pipeline in a process of its own, for scale.ts and the peers: prints what each stream took, and the
 * process's memory at its peak.
 *
 *     deno run -A scripts/bench/pipeline_run.ts SOURCE LAKE MODEL
 */
import process from "node:process";
import { openScorer } from "../../lib/sentiment/open_scorer.ts";
import { Session } from "../../lib/streaming/session.ts";
import { startTier, tiers } from "../../lib/tweets/pipeline.ts";
import { startTiming, type Taken } from "./taken.ts";

/** What a run prints, as JSON. */
export interface PipelineRun {
  /** Until the lake is open and the model loaded. */
  start: Taken;
  streams: Record<typeof tiers[number], Taken>;
  /** By table. */
  rows: Record<string, number>;
  /** Resident memory, in bytes. */
  peakMemory: number;
}

const [source, lake, model] = process.argv.slice(2);
const started = startTiming();
const session = await Session.open(lake);
const scorer = await openScorer({ model, provider: "cpu" });
const start = started();
const streams = {} as PipelineRun["streams"];
for (const tier of tiers) {
  const stop = startTiming();
  const query = await startTier[tier]({ session, source, scorer });
  await query.awaitTermination();
  streams[tier] = stop();
}
const rows: PipelineRun["rows"] = {};
for (const tier of tiers) rows[tier] = await session.lake.count(tier);
await scorer.close();
await session.close();
const peakMemory = process.resourceUsage().maxRSS * 1024;
console.log(JSON.stringify({ start, streams, rows, peakMemory } satisfies PipelineRun));
