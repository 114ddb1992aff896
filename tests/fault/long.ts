import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { integerArgument, main, UsageError } from "../../scripts/command/command.ts";
import { type ChainReport, runChain } from "./chain.ts";
import {
  allPoints,
  batchPoints,
  compactionPoint,
  optimizePoints,
  outsidePoints,
  type Point,
  startPoints,
  vacuumPoints,
} from "./points.ts";
import {
  formatRounds,
  formatSizes,
  formatSpans,
  type RoundResult,
  roundResult,
  sizeResults,
  spanResults,
} from "./results.ts";
import type { BatchReport } from "./stream.ts";

/** Each round has a lake of its own, so that a loss can be told from where processes died in it. */
const rounds: Record<string, readonly Point[]> = {
  ...Object.fromEntries(
    [...startPoints, ...batchPoints, compactionPoint, ...outsidePoints].map((
      point,
    ) => [point, [point]]),
  ),
  optimize: optimizePoints,
  vacuum: vacuumPoints,
  everywhere: allPoints,
  nowhere: [],
};

const limitSeconds = 3600;
/** Batches of which a median is taken. */
const span = 250;

await main({
  name: "faults",
  summary:
    "Kills streams (files -> a -> b -> c, and a second reader of a) and the maintenance of their lake\n" +
    "with SIGKILL, round by round at another point, and compares the rows of every table with the\n" +
    "input. Fails where a row is lost or doubled, or a point was not reached.\n" +
    `Rounds: ${Object.keys(rounds).join(", ")}.`,
  options: {
    deaths: { value: "N", help: "how often each process dies at each of its points (4)" },
    batches: { value: "N", help: "batches of the first stream in the round without kills (500)" },
    rounds: { value: "NAMES", help: 'only these, such as "before commit,optimize"' },
    seed: { value: "TEXT", help: "decides input, deaths and batch sizes (the time)" },
    json: { help: "print the results as JSON" },
  },
  async run({ options, switches }) {
    const deaths = integerArgument("deaths", options.deaths ?? "4");
    const batches = integerArgument("batches", options.batches ?? "500", 0);
    const seed = options.seed ?? String(Date.now());
    const chosen = options.rounds?.split(",") ?? Object.keys(rounds);
    const unknown = chosen.find((name) => !Object.hasOwn(rounds, name));
    if (unknown !== undefined) throw new UsageError(`--rounds: there is no round "${unknown}"`);
    console.error(`seed ${seed}`);

    const reports: ChainReport[] = [];
    const results: RoundResult[] = [];
    const allBatches: BatchReport[] = [];
    const calm: BatchReport[] = [];
    for (const round of chosen) {
      const folder = mkdtempSync(join(tmpdir(), "birdsong-fault-"));
      let kills = 0;
      const points = rounds[round];
      const report = await runChain({
        folder,
        seed: `${seed} ${round}`,
        points,
        // The long list is a mix of what the other rounds did, once more.
        deaths: points === allPoints ? 1 : deaths,
        batches: points.length === 0 ? batches : 0,
        limitSeconds,
        onKill: ({ process, point }) => progress(`${round}: ${++kills} kills, ${process} ${point}`),
        onBatch(stage, batch) {
          allBatches.push(batch);
          if (points.length > 0 || stage !== "a") return;
          calm.push(batch);
          progress(`${round}: ${batch.batchId + 1} batches`);
        },
      });
      progress("");
      const result = roundResult(round, report);
      results.push(result);
      reports.push(report);
      for (const fault of result.faults) console.error(`${round}: ${fault}`);
      // A lake in which something is wrong is kept for a look.
      if (isGood(result)) rmSync(folder, { recursive: true });
      else console.error(`${round}: see ${folder}`);
    }
    const sizes = sizeResults(reports, allBatches);
    const spans = spanResults(calm, span);
    if (switches.has("json")) console.log(JSON.stringify({ seed, rounds: results, sizes, spans }));
    else {
      console.log(formatRounds(results));
      console.log(`\n${formatSizes(sizes)}`);
      if (spans.length > 0) console.log(`\n${formatSpans(spans)}`);
      console.log(`\nRepeat with --seed ${seed} --deaths ${deaths} --batches ${batches}`);
    }
    return results.every(isGood) ? 0 : 1;
  },
});

function isGood({ lost, doubled, faults }: RoundResult): boolean {
  return lost === 0 && doubled === 0 && faults.length === 0;
}

/** Shows one line that stands in place of the last one. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
  else if (text) console.error(text);
}
