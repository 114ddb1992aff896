import { readdirSync } from "node:fs";
import { join } from "node:path";
import { defaultLimits } from "../../lib/streaming/default_limits.ts";
import { Session } from "../../lib/streaming/session.ts";
import { TableSink } from "../../lib/streaming/sink.ts";
import { FileSource } from "../../lib/streaming/sources/file_source.ts";
import { bronze, rawTweet } from "../../lib/tweets/bronze.ts";
import type { Bench, Stage } from "./context.ts";
import { Triggers } from "./execution.ts";
import { type Figure, timesOf } from "./figure.ts";
import { writeInput } from "./input.ts";
import { inTurns } from "./taken.ts";

// Of the goal: seconds beyond the listing's that do not count.
const allowance = 0.05;

/** A trigger of a running stream that finds nothing new: among few files, and among all. */
export const trigger: Stage = async (bench) => {
  const { files, from } = bench.options;
  const few = Math.min(1000, files >> 1);
  const fewSource = await writeInput(bench.folder, { tweets: few, files: few }, from);
  return [await idle(bench, fewSource, few), await idle(bench, await bench.source(), files)];
};

async function idle(bench: Bench, folder: string, files: number): Promise<Figure> {
  const session = await Session.open(join(bench.folder, `trigger-${files}`));
  const triggers = await Triggers.open(session, {
    name: "bronze_stream",
    source: new FileSource(session.lake, {
      folder,
      schema: rawTweet,
      schemaEvolutionMode: "rescue",
      maxFilesPerTrigger: defaultLimits.maxFilesPerTrigger,
    }),
    transform: bronze,
    sink: new TableSink("bronze", false),
  });
  await triggers.all();
  const what = `nothing new among ${files} files, beyond 50 ms`;
  const measured = await inTurns(3 * bench.options.rounds, {
    ours: () => triggers.once(),
    peer: () => readdirSync(folder),
  });
  triggers.close();
  await session.close();
  return timesOf(
    { stage: "trigger", what, peer: "a plain listing of the folder", goal: { atMost: 2 } },
    measured,
    allowance,
  );
}
