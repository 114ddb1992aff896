import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { median } from "../../lib/median.ts";
import { projectPath, projectRoot } from "../../lib/paths.ts";
import type { Bench, Stage } from "./context.ts";
import { plainFigure, timesOf } from "./figure.ts";
import { writeInput } from "./input.ts";
import type { PipelineRun } from "./pipeline_run.ts";
import type { Taken } from "./taken.ts";

/** The whole pipeline, of a tenth of the tweets and of all, each in a process of its own. */
export const scale: Stage = async (bench) => {
  const { tweets, files, rounds, from } = bench.options;
  const few = { tweets: Math.ceil(tweets / 10), files: Math.ceil(files / 10) };
  const fewSource = await writeInput(bench.folder, few, from);
  const [fewRuns, allRuns]: PipelineRun[][] = [[], []];
  for (let round = 0; round < rounds; round++) {
    fewRuns.push(await runPipeline(bench, fewSource));
    allRuns.push(await runPipeline(bench, await bench.source()));
  }
  const perTweet = (streams: (keyof PipelineRun["streams"])[]) => ({
    ours: allRuns.map((run) => share(run, streams, tweets)),
    peer: fewRuns.map((run) => share(run, streams, few.tweets)),
  });
  const peer = `${few.tweets} tweets`;
  const goal = { atMost: 1.2 };
  const stage = "scale";
  return [
    timesOf(
      { stage, what: `time per tweet of ${tweets}, all streams`, peer, goal },
      perTweet(["bronze", "silver", "gold", "application"]),
    ),
    timesOf(
      { stage, what: `time per tweet of ${tweets}, without gold`, peer, goal },
      perTweet(["bronze", "silver", "application"]),
    ),
    plainFigure(
      { stage: "memory", what: `whole process, ${tweets} tweets`, goal: { atMost: 1.5 } },
      "GB",
      median(allRuns.map(({ peakMemory }) => peakMemory / 1e9)),
      allRuns.map((run) => share(run, ["bronze", "silver", "gold", "application"], 1)),
    ),
  ];
};

async function runPipeline(bench: Bench, source: string): Promise<PipelineRun> {
  const lake = join(bench.folder, "scale");
  rmSync(lake, { recursive: true, force: true });
  const script = projectPath("scripts/bench/pipeline_run.ts");
  const args = ["run", "--allow-all", "--no-check", script, source, lake, bench.options.model];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: projectRoot });
  return JSON.parse(stdout);
}

/** What some of the streams took together, of so many tweets each. */
function share(
  { streams }: PipelineRun,
  names: (keyof PipelineRun["streams"])[],
  tweets: number,
): Taken {
  const sum = (of: keyof Taken) => names.reduce((total, name) => total + streams[name][of], 0);
  return { wall: sum("wall") / tweets, processor: sum("processor") / tweets };
}
