import { join } from "node:path";
import { defaultLimits } from "../../lib/streaming/default_limits.ts";
import { Session } from "../../lib/streaming/session.ts";
import { ForeachBatchSink, TableSink } from "../../lib/streaming/sink.ts";
import { FileSource } from "../../lib/streaming/sources/file_source.ts";
import { TableSource } from "../../lib/streaming/sources/table_source.ts";
import { application, applicationSchema, mergeApplication } from "../../lib/tweets/application.ts";
import { bronze, rawTweet } from "../../lib/tweets/bronze.ts";
import { gold } from "../../lib/tweets/gold.ts";
import { silver } from "../../lib/tweets/silver.ts";
import { constantScorer } from "./constant_scorer.ts";
import type { Stage } from "./context.ts";
import { Triggers } from "./execution.ts";
import { timesOf } from "./figure.ts";
import { writeInput } from "./input.ts";
import { type Taken, timed } from "./taken.ts";

const filesPerBatch = 4;
const rowsPerBatch = 20;

/**
 * Many small batches, one after the other: the last ones against the first. Each goes through all
 * streams before the next comes, so that the first meet a lake with few commits.
 */
export const batches: Stage = async (bench) => {
  const { batches, from } = bench.options;
  const size = { tweets: rowsPerBatch * batches, files: filesPerBatch * batches };
  const source = await writeInput(bench.folder, size, from);
  const session = await Session.open(join(bench.folder, "batches"));
  // The first batch, which makes the tables and compiles the code, is not counted.
  const streams = await startStreams(session, source);
  const all: Taken[] = [];
  for (let batch = 1; batch < batches; batch++) {
    all.push(
      await timed(async () => {
        for (const stream of streams) await stream.once();
      }),
    );
    if (batch % 50 === 0) bench.progress(`${batch} batches`);
  }
  for (const stream of streams) stream.close();
  await session.close();
  const tenth = Math.ceil(all.length / 10);
  return [timesOf({
    stage: "batches",
    what: `the last ${tenth} of ${batches} small batches, each through all streams`,
    peer: `the first ${tenth}`,
    goal: { atMost: 1.2 },
  }, { ours: all.slice(-tenth), peer: all.slice(0, tenth) })];
};

/** The tiers' streams, each with its first batch taken, as the next one reads its table. */
async function startStreams(session: Session, folder: string): Promise<Triggers[]> {
  const { lake } = session;
  const options = { folder, schema: rawTweet, schemaEvolutionMode: "rescue" } as const;
  const table = (name: string) => new TableSource(lake, name, defaultLimits.maxRowsPerTrigger);
  const queries = [
    {
      name: "bronze_stream",
      source: () => new FileSource(lake, { ...options, maxFilesPerTrigger: filesPerBatch }),
      transform: bronze,
      sink: new TableSink("bronze", false),
    },
    {
      name: "silver_stream",
      source: () => table("bronze"),
      transform: silver,
      sink: new TableSink("silver", false),
    },
    {
      name: "gold_stream",
      source: () => table("silver"),
      transform: gold(constantScorer),
      sink: new TableSink("gold", false),
    },
    {
      name: "application_stream",
      source: () => table("gold"),
      transform: application,
      sink: new ForeachBatchSink("application", applicationSchema, mergeApplication),
    },
  ];
  const streams: Triggers[] = [];
  for (const { source, ...query } of queries) {
    const stream = await Triggers.open(session, { ...query, source: source() });
    await stream.once();
    streams.push(stream);
  }
  return streams;
}
