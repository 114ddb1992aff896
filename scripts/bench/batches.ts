import { join } from "node:path";
import { Session } from "../../lib/streaming/session.ts";
import { startTier, tiers } from "../../lib/tweets/pipeline.ts";
import { constantScorer } from "./constant_scorer.ts";
import type { Bench, Stage } from "./context.ts";
import { timesOf } from "./figure.ts";
import { writeInput } from "./input.ts";
import { startTiming, type Taken } from "./taken.ts";

const filesPerBatch = 4;
const rowsPerBatch = 20;

/** Many small batches, one after the other: the last ones against the first. */
export const batches: Stage = async (bench) => {
  const { batches, from } = bench.options;
  const size = { tweets: rowsPerBatch * batches, files: filesPerBatch * batches };
  const source = await writeInput(bench.folder, size, from);
  const session = await Session.open(join(bench.folder, "batches"));
  const taken: Taken[][] = [];
  for (const tier of tiers) taken.push(await runTier(bench, session, source, tier));
  await session.close();
  // Leaving out the first batch of each stream, which compiles the code.
  const tenth = Math.ceil((batches - 1) / 10);
  const all = Array.from({ length: batches - 1 }, (_, batch) => sumOf(taken, batch + 1));
  return [timesOf({
    stage: "batches",
    what: `the last ${tenth} of ${batches} small batches, each through all streams`,
    peer: `the first ${tenth}`,
    goal: { atMost: 1.2 },
  }, { ours: all.slice(-tenth), peer: all.slice(0, tenth) })];
};

/** What each batch of a stream took. */
async function runTier(
  bench: Bench,
  session: Session,
  source: string,
  tier: typeof tiers[number],
): Promise<Taken[]> {
  const taken: Taken[] = [];
  let stop = startTiming();
  const remove = session.streams.addListener({
    onQueryProgress() {
      taken.push(stop());
      stop = startTiming();
    },
  });
  const query = await startTier[tier]({
    session,
    source,
    scorer: constantScorer,
    maxFilesPerTrigger: filesPerBatch,
    maxRowsPerTrigger: rowsPerBatch,
  });
  await query.awaitTermination();
  remove();
  bench.progress(`${taken.length} batches of ${tier}_stream`);
  return taken;
}

function sumOf(streams: Taken[][], batch: number): Taken {
  const sum = (of: keyof Taken) => streams.reduce((total, taken) => total + taken[batch][of], 0);
  return { wall: sum("wall"), processor: sum("processor") };
}
