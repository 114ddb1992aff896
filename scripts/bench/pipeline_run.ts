/**
 * The whole pipeline in a process of its own, for scale.ts: prints what each stream took, and the
 * process's memory at its peak.
 *
 *     deno run -A scripts/bench/pipeline_run.ts SOURCE LAKE MODEL
 */
import process from "node:process";
import { openScorer } from "../../lib/sentiment/open_scorer.ts";
import { Session } from "../../lib/streaming/session.ts";
import { startTier, tiers } from "../../lib/tweets/pipeline.ts";
import { limits } from "./context.ts";
import { startTiming, type Taken } from "./taken.ts";

/** What a run prints, as JSON. */
export interface PipelineRun {
  /** Until the lake is open and the model loaded. */
  start: Taken;
  streams: Record<typeof tiers[number], Taken>;
  /** Resident memory, in bytes. */
  peakMemory: number;
}

const [source, lake, model] = process.argv.slice(2);
const started = startTiming();
const session = await Session.open(lake);
const scorer = await openScorer({ model, provider: "cpu" });
const run: PipelineRun = { start: started(), streams: {} as PipelineRun["streams"], peakMemory: 0 };
for (const tier of tiers) {
  const stop = startTiming();
  const query = await startTier[tier]({ ...limits, session, source, scorer });
  await query.awaitTermination();
  run.streams[tier] = stop();
}
await scorer.close();
await session.close();
run.peakMemory = process.resourceUsage().maxRSS * 1024;
console.log(JSON.stringify(run));
