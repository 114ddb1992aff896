/**
 * What one more worker brings on Spark, and what a batch costs that holds next to nothing; the figures
 * of docs/scale.md. Needs Java 17 or 21.
 *
 *     deno run -A scripts/spark/scale.ts --tweets 20000
 */
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describeMachine } from "../../lib/machine.ts";
import { killTree } from "../../lib/kill_tree.ts";
import { projectPath } from "../../lib/paths.ts";
import { openScorer } from "../../lib/sentiment/open_scorer.ts";
import { writeInput } from "../bench/input.ts";
import { type Arguments, integerArgument, main, UsageError } from "../command/command.ts";
import { exitOnSignals } from "../command/exit_on_signals.ts";
import { modelArgument } from "../command/model_argument.ts";
import { startCluster, stopCluster } from "./cluster.ts";
import { install } from "./install.ts";
import { findJava } from "./java.ts";
import { formatScale, type ScaleReport } from "./scale_report.ts";
import { measureScale, type Sources } from "./scale_run.ts";

await main({
  name: "spark/scale",
  summary: "Run it as: deno run -A scripts/spark/scale.ts\n\n" +
    "Measures the tiers on a Spark cluster on this machine, by Spark's own progress records: on one\n" +
    "worker with one core, then on two. Each cluster is its own, warmed up, and removed afterwards.\n" +
    "Other work on the machine shows in the figures: a worker needs a core, the server another one.",
  options: {
    tweets: { value: "N", help: "generated tweets, each with a text of its own (20000)" },
    files: { value: "F", help: "files that they are in (one for 100 tweets)" },
    workers: { value: "LIST", help: "numbers of workers, in this order (1,2)" },
    rounds: { value: "N", help: "batches of one tweet, of which the median counts (3)" },
    model: { value: "DIR", help: "model folder (data/model)" },
    json: { help: "print the result as JSON" },
  },
  run: scale,
});

async function scale({ options, switches }: Arguments): Promise<void> {
  const tweets = integerArgument("tweets", options.tweets ?? "20000");
  const files = integerArgument("files", options.files ?? `${Math.ceil(tweets / 100)}`);
  const rounds = integerArgument("rounds", options.rounds ?? "3");
  const workerCounts = (options.workers ?? "1,2").split(",")
    .map((count) => integerArgument("workers", count));
  if (files > tweets) throw new UsageError("--files must not be more than --tweets");
  const model = options.model === undefined
    ? projectPath("data/model")
    : modelArgument(options.model);
  const java = await findJava();
  await install(java, console.error);
  const folder = mkdtempSync(join(tmpdir(), "birdsong-scale-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  exitOnSignals();

  const scorer = await openScorer({ model, provider: "cpu", workers: 1, log: console.error });
  const report: ScaleReport = {
    date: new Date().toISOString(),
    machine: describeMachine(),
    load: [loadavg()[0], 0],
    tweets,
    files,
    runs: [],
  };
  for (const workers of workerCounts) {
    const sources: Sources = {
      measured: await writeInput(join(folder, `${workers}`), { tweets, files }, undefined),
      warmUp: await writeInput(join(folder, `${workers}`), { tweets: 100, files: 10 }, undefined),
    };
    await withCluster(join(folder, `${workers}-spark`), java, workers, async (address) => {
      report.runs.push(await measureScale({ address, workers, sources, scorer, rounds }));
    });
  }
  await scorer.close();
  report.load[1] = loadavg()[0];
  console.log(switches.has("json") ? JSON.stringify(report, null, 2) : formatScale(report));
}

/** Runs an action with a cluster of its own, which ends with this process, too. */
async function withCluster(
  folder: string,
  java: string,
  workers: number,
  action: (address: string) => Promise<void>,
): Promise<void> {
  console.error(`Starting Spark with ${workers} ${workers === 1 ? "worker" : "workers"} ...`);
  const { address, pids } = await startCluster({ folder, java, workers, port: 0 });
  const kill = () => Object.values(pids).forEach((pid) => killTree(pid, "SIGKILL"));
  process.once("exit", kill);
  try {
    await action(address);
  } finally {
    process.off("exit", kill);
    await stopCluster(folder);
  }
}
