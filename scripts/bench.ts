import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { basename, join } from "node:path";
import process from "node:process";
import { describeMachine } from "../lib/machine.ts";
import { projectPath, projectRoot } from "../lib/paths.ts";
import { parameters } from "../lib/settings.ts";
import {
  type Arguments,
  integerArgument,
  main,
  pathArgument,
  UsageError,
} from "./command/command.ts";
import { exitOnSignals } from "./command/exit_on_signals.ts";
import { Bench, type BenchOptions } from "./bench/context.ts";
import type { Figure } from "./bench/figure.ts";
import { record } from "./bench/record.ts";
import { type BenchReport, formatReport } from "./bench/report.ts";
import { stages } from "./bench/stages.ts";

const measuredPackages = ["@duckdb/node-api", "onnxruntime-node", "@huggingface/tokenizers"];

await main({
  name: "bench",
  summary:
    "Measures the pipeline in one run, each part in turns with what nothing around it can beat, and\n" +
    "says which goals are reached. Scores are not looked up. The full size takes 15 minutes:\n" +
    "--tweets 200000 --files 100000 --batches 500 --scored 20000 --rounds 2",
  options: {
    tweets: { value: "N", help: "tweets (10000)" },
    files: { value: "F", help: "files that they are in (half as many as tweets)" },
    source: {
      value: "PATH",
      help: "take the tweets from a folder of JSON files, or a CSV file in Sentiment140's layout",
    },
    rounds: { value: "N", help: "repetitions, of which the medians count (3)" },
    batches: { value: "N", help: "small batches in a row (50)" },
    scored: { value: "N", help: "tweets that the stage gold scores at most (5000)" },
    stages: { value: "LIST", help: `only these: ${Object.keys(stages).join(",")}` },
    model: { value: "DIR", help: "model folder (BIRDSONG_MODEL)" },
    record: {
      help: "keep the result in docs/bench, draw how it changes, and quote it in the docs",
    },
    json: { help: "print the result as JSON, with every repetition" },
  },
  run: runBench,
});

async function runBench({ options, switches }: Arguments): Promise<void> {
  const bench = benchOptions(options);
  const names = stageNames(options.stages);
  const begun = performance.now();
  const report: BenchReport = {
    date: new Date().toISOString(),
    commit: commitOf(),
    machine: describeMachine(),
    load: [loadavg()[0], 0],
    versions: versionsOf(),
    options: pick(bench),
    input: bench.from === undefined ? "generated" : basename(bench.from),
    seconds: 0,
    figures: [],
  };
  const folder = mkdtempSync(join(tmpdir(), "birdsong-bench-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  exitOnSignals();
  report.figures = await measure(new Bench(bench, folder, console.error), names);
  report.seconds = Math.round((performance.now() - begun) / 1000);
  report.load[1] = loadavg()[0];
  if (switches.has("record")) await record(report);
  console.log(switches.has("json") ? JSON.stringify(report) : formatReport(report));
}

async function measure(bench: Bench, names: string[]): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const name of names) {
    bench.progress(`${name} ...`);
    for (const figure of await stages[name](bench)) {
      figures.push(figure);
      bench.progress(`  ${figure.what}: ${figure.value.toFixed(2)} ${figure.unit}`);
    }
  }
  await bench.close();
  return figures;
}

function benchOptions(options: Arguments["options"]): BenchOptions {
  const number = (name: string, otherwise: number, least = 1) =>
    integerArgument(name, options[name] ?? `${otherwise}`, least);
  const tweets = number("tweets", 10_000, 10);
  const files = number("files", tweets >> 1, 10);
  if (files > tweets) throw new UsageError(`--files ${files} is more than --tweets ${tweets}`);
  const from = options.source === undefined ? undefined : pathArgument(options.source);
  if (from !== undefined && !existsSync(from)) throw new UsageError(`there is no ${from}`);
  return {
    tweets,
    files,
    from,
    rounds: number("rounds", 3),
    batches: number("batches", 50, 3),
    scored: number("scored", 5000),
    model: options.model === undefined ? parameters().model : pathArgument(options.model),
  };
}

function pick({ tweets, files, rounds, batches, scored }: BenchOptions): BenchReport["options"] {
  return { tweets, files, rounds, batches, scored };
}

function stageNames(list: string | undefined): string[] {
  const all = Object.keys(stages);
  const names = list?.split(",") ?? all;
  const unknown = names.find((name) => !all.includes(name));
  if (unknown === undefined) return names;
  throw new UsageError(`--stages must be some of ${all.join(",")}, but has "${unknown}"`);
}

function commitOf(): string | null {
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: projectRoot, encoding: "utf8", stdio: "pipe" }).trim();
  try {
    const changed = git("status", "--porcelain", "--untracked-files=no") !== "";
    return git("rev-parse", "--short=10", "HEAD") + (changed ? "+" : "");
  } catch {
    return null;
  }
}

function versionsOf(): Record<string, string> {
  return Object.fromEntries(measuredPackages.map((name) => {
    const file = projectPath(`node_modules/${name}/package.json`);
    return [name, JSON.parse(readFileSync(file, "utf8")).version];
  }));
}
