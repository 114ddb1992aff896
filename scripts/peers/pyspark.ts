/**
 * The pipeline here and on PySpark with Delta, in turns, on the same files and with the same model.
 * Needs Java 17 or 21 and Python; installs the rest from the package registries into a folder.
 *
 *     deno run -A scripts/peers/pyspark.ts --tweets 20000 --files 10000
 */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { BirdsongError } from "../../lib/errors.ts";
import { median } from "../../lib/median.ts";
import { projectPath, projectRoot } from "../../lib/paths.ts";
import { parameters } from "../../lib/settings.ts";
import { tiers } from "../../lib/tweets/pipeline.ts";
import { writeInput } from "../bench/input.ts";
import { integerArgument, main, pathArgument } from "../command/command.ts";
import { findPython } from "../setup/versions.ts";
import { findJava } from "../spark/java.ts";
import { formatTable } from "../command/table.ts";
import { type TreeUse, watchTree } from "./process_tree.ts";

/** One run of the pipeline. */
interface PeerRun extends TreeUse {
  /** By step, in seconds. */
  seconds: Record<string, number>;
  /** By table. */
  rows: Record<string, number>;
}

const requirements = projectPath("scripts/peers/requirements.txt");
const pipeline = projectPath("scripts/peers/pyspark_pipeline.py");

await main({
  name: "peers/pyspark",
  summary: "Runs the pipeline here and on PySpark with Delta, in turns, and compares them.",
  options: {
    tweets: { value: "N", help: "tweets (20000)" },
    files: { value: "F", help: "files that they are in (half as many)" },
    source: { value: "PATH", help: "take the tweets from a folder or a CSV file" },
    rounds: { value: "N", help: "runs of each, of which the medians count (1)" },
    model: { value: "DIR", help: "model folder (BIRDSONG_MODEL)" },
    install: { value: "DIR", help: "folder for Spark and its packages (output/peers)" },
    json: { help: "print every run as JSON" },
  },
  async run({ options, switches }) {
    const tweets = integerArgument("tweets", options.tweets ?? "20000");
    const files = integerArgument("files", options.files ?? `${Math.ceil(tweets / 2)}`);
    const rounds = integerArgument("rounds", options.rounds ?? "1");
    const from = options.source && pathArgument(options.source);
    const model = options.model ? pathArgument(options.model) : parameters().model;
    const install = options.install ? pathArgument(options.install) : projectPath("output/peers");
    await findJava();
    const python = await installPackages(install);
    const folder = mkdtempSync(join(tmpdir(), "birdsong-peer-"));
    try {
      const source = await writeInput(folder, { tweets, files }, from);
      const out = join(folder, "out");
      const script = projectPath("scripts/bench/pipeline_run.ts");
      const ways: Record<string, [string, string[]]> = {
        birdsong: [process.execPath, ["run", "-A", "--no-check", script, source, out, model]],
        pyspark: [python, [pipeline, source, out, model, join(install, "ivy")]],
      };
      const runs: Record<string, PeerRun[]> = { birdsong: [], pyspark: [] };
      for (let round = 0; round < rounds; round++) {
        for (const [way, [program, args]] of Object.entries(ways)) {
          const run = await measure(program, args);
          runs[way].push(run);
          rmSync(out, { recursive: true });
          console.error(`${way}: ${run.seconds.total.toFixed(1)} s`);
        }
      }
      console.log(switches.has("json") ? JSON.stringify(runs) : tableOf(runs));
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
});

/** Runs one of the two programs: each prints, as its last line, the seconds of its streams. */
async function measure(program: string, args: string[]): Promise<PeerRun> {
  const begun = performance.now();
  const child = spawn(program, args, { cwd: projectRoot, stdio: ["ignore", "pipe", "pipe"] });
  const ended = watchTree(child.pid!);
  const [stdout, stderr]: string[][] = [[], []];
  child.stdout.setEncoding("utf8").on("data", (text: string) => stdout.push(text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => stderr.push(text));
  const [code] = await once(child, "close");
  const total = (performance.now() - begun) / 1000;
  const use = ended();
  if (code !== 0) {
    throw new BirdsongError(`${program} has failed:\n${stderr.join("").slice(-4000)}`);
  }
  const { streams, rows } = JSON.parse(stdout.join("").trim().split("\n").at(-1)!);
  const seconds = Object.fromEntries(tiers.map((tier) => [tier, secondsOf(streams[tier])]));
  const all = Object.values(seconds).reduce((sum, each) => sum + each, 0);
  // Begin and end of the process, loading of the library and of the model.
  return { seconds: { start: total - all, ...seconds, total }, ...use, rows };
}

function secondsOf(stream: number | { wall: number }): number {
  return typeof stream === "number" ? stream : stream.wall;
}

function tableOf({ birdsong, pyspark }: Record<string, PeerRun[]>): string {
  const line = (what: string, of: (run: PeerRun) => number, digits = 2) => {
    const [ours, peer] = [birdsong, pyspark].map((runs) => median(runs.map(of)));
    return [what, ours.toFixed(digits), peer.toFixed(digits), (peer / ours).toFixed(1)];
  };
  const steps = Object.keys(birdsong[0].seconds);
  return formatTable(["", "birdsong", "pyspark", "times"], [
    ...steps.map((step) => line(`${step}, s`, ({ seconds }) => seconds[step])),
    line("all but gold, s", ({ seconds }) => seconds.total - seconds.gold),
    line("processor time, s", ({ processor }) => processor),
    line("peak memory, GB", ({ peakMemory }) => peakMemory / 1e9),
    ...tiers.map((tier) => line(`rows of ${tier}`, ({ rows }) => rows[tier], 0)),
  ]);
}

/** A Python with PySpark and ONNX Runtime; Spark fetches Delta itself when it starts. */
async function installPackages(folder: string): Promise<string> {
  const python = join(folder, "venv/bin/python");
  const stamp = join(folder, "requirements.txt");
  const wanted = readFileSync(requirements, "utf8");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return python;
  console.error(`installing PySpark in ${folder} (1 GB)`);
  mkdirSync(folder, { recursive: true });
  execFileSync(await findPython(), ["-m", "venv", join(folder, "venv")], { stdio: "inherit" });
  execFileSync(python, ["-m", "pip", "install", "--quiet", "-r", requirements], {
    stdio: "inherit",
  });
  writeFileSync(stamp, wanted);
  return python;
}
