import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Session } from "../../lib/streaming/session.ts";
import { startTier } from "../../lib/tweets/pipeline.ts";
import { constantScorer } from "./constant_scorer.ts";
import type { Stage } from "./context.ts";
import { timesOf } from "./figure.ts";
import { inTurns } from "./taken.ts";

/** A folder of many small files into bronze. */
export const ingest: Stage = async (bench) => {
  const source = await bench.source();
  const names = readdirSync(source);
  const readAll = () => {
    for (const name of names) readFileSync(join(source, name));
  };
  readAll(); // into the page cache
  let session: Session | undefined;
  const measured = await inTurns(bench.options.rounds, {
    async prepare(round) {
      await session?.close();
      session = await Session.open(join(bench.folder, `ingest-${round}`));
    },
    async ours() {
      const options = { session: session!, source, scorer: constantScorer };
      await (await startTier.bronze(options)).awaitTermination();
    },
    peer: readAll,
  });
  await session?.close();
  return [timesOf({
    stage: "ingest",
    what: `${bench.options.files} files listed, checked and committed to bronze`,
    peer: "the same files read in a loop",
    goal: { atMost: 4 },
  }, measured)];
};
