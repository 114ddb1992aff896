import { setTimeout as sleep } from "node:timers/promises";
import { projectPath } from "../../lib/paths.ts";
import { Lakehouse } from "../../lib/lakehouse/lakehouse.ts";
import type { MaintenanceOrder } from "./maintain.ts";
import { ProcessKeeper } from "./process_keeper.ts";
import type { BatchReport, DeathPoint, Stage, StreamOrder } from "./stream.ts";

/** How to run the chain files -> a -> b -> c, and late, which reads a. */
export interface ChainOptions {
  /** Folder of the input files. */
  source: string;
  /** Folder for the lake. */
  lake: string;
  /** Rows in the files. */
  rows: number;
  /** Kills in all; after them, the chain runs to its end undisturbed. */
  kills: number;
  /** Seconds between two kills from outside, on average. */
  secondsPerKill: number;
  /** Seconds for which `late` is stopped now and then: longer than versions are kept. */
  secondsPaused: number;
  maintenance: Omit<MaintenanceOrder, "lake">;
  /** Told of every committed batch. */
  onBatch?(stage: Stage, batch: BatchReport): void;
}

/** What happened on the way. */
export interface ChainReport {
  /** Processes ended by SIGKILL from outside, at a moment by chance. */
  killed: number;
  /** Processes that killed themselves at a named point. */
  died: number;
  /** Rounds of optimize and vacuum. */
  maintained: number;
  paused: number;
  /** What processes said that ended by themselves, which none should. */
  errors: string[];
  seconds: number;
}

export const stages: readonly Stage[] = ["a", "b", "c", "late"];
const points: readonly DeathPoint[] = ["planned", "written", "committed"];

/**
 * Runs each stage in a process of its own, kills them all the time, and has a further process
 * optimize and vacuum the lake, until all rows have arrived in all tables (or too many, or the time
 * is up).
 */
export async function runChain(options: ChainOptions, limitSeconds: number): Promise<ChainReport> {
  const { lake, source, maintenance, secondsPerKill, secondsPaused } = options;
  const started = Date.now();
  const ready = new Set<Stage>();
  const report: ChainReport = {
    killed: 0,
    died: 0,
    maintained: 0,
    paused: 0,
    errors: [],
    seconds: 0,
  };
  const keepers = new Map(stages.map((stage) => [
    stage,
    new ProcessKeeper(
      projectPath("tests/fault/stream.ts"),
      (): StreamOrder => ({ lake, source, stage, death: death() }),
      (batch: BatchReport) => {
        ready.add(stage);
        options.onBatch?.(stage, batch);
      },
    ),
  ]));
  const maintainer = new ProcessKeeper(
    projectPath("tests/fault/maintain.ts"),
    (): MaintenanceOrder => ({ lake, ...maintenance }),
    () => report.maintained++,
  );
  const overdue = () => Date.now() - started > 1000 * limitSeconds;
  const until = async (condition: () => boolean | Promise<boolean>) => {
    while (!await condition() && !overdue()) await sleep(500);
  };
  const all = [...keepers.values(), maintainer];
  let done = false;
  let killing = Promise.resolve();
  try {
    keepers.get("a")!.start();
    await until(() => ready.has("a"));
    keepers.get("b")!.start();
    maintainer.start();
    await until(() => ready.has("b"));
    keepers.get("c")!.start();
    killing = killAtRandom();
    const watcher = await Lakehouse.open(lake, { readOnly: true });
    const arrived = async (stage: Stage) =>
      await watcher.tableExists(stage) && await watcher.count(stage) >= options.rows;
    try {
      // Half of a has been compacted, and its first versions are gone, when late begins.
      await until(async () => await watcher.count("a") >= options.rows / 2);
      keepers.get("late")!.start();
      await until(async () => (await Promise.all(stages.map(arrived))).every(Boolean));
    } finally {
      watcher.close();
    }
  } finally {
    done = true;
    await killing;
    await Promise.all(all.map((keeper) => keeper.stop()));
  }
  report.died = kills() - report.killed;
  // A reader that sleeps for longer than versions are kept may wake to find its files gone: that it
  // ends with an error, and the next run goes on, is what is promised.
  report.errors = all.flatMap(({ errors }) => errors)
    .filter((error) => !/^late_stream .*No such file/.test(error));
  report.seconds = Math.round((Date.now() - started) / 1000);
  return report;

  function enough(): boolean {
    return done || kills() >= options.kills;
  }

  function kills(): number {
    return all.reduce((sum, { kills }) => sum + kills, 0);
  }

  /** Half of the processes are told to kill themselves, after few batches. */
  function death(): StreamOrder["death"] {
    if (enough() || chance(1 / 2)) return undefined;
    const point = points[Math.floor(points.length * Math.random())];
    return { point, afterBatches: Math.floor(6 * Math.random()) };
  }

  async function killAtRandom(): Promise<void> {
    while (!enough()) {
      await sleep(2000 * secondsPerKill * Math.random());
      const victim = all[Math.floor(all.length * Math.random())];
      // Most get to work first, however slow the machine; the others die while they start.
      if (!victim.hasSpoken && chance(3 / 4)) continue;
      if (victim.signal("SIGKILL")) report.killed++;
      if (done || !keepers.get("late")!.hasSpoken || !chance(1 / 4)) continue;
      report.paused++;
      keepers.get("late")!.signal("SIGSTOP");
      await sleep(1000 * secondsPaused);
      keepers.get("late")!.signal("SIGCONT");
    }
  }
}

function chance(probability: number): boolean {
  return Math.random() < probability;
}
