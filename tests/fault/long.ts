import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { integerArgument, main } from "../../scripts/command.ts";
import { formatTable } from "../../scripts/table.ts";
import { runChain, stages } from "./chain.ts";
import { writeInput } from "./input.ts";
import type { BatchReport, Stage } from "./stream.ts";
import { verifyChain } from "./verify.ts";

/** Batches over which a median is taken. */
const span = 500;

await main({
  name: "faults",
  summary:
    "Kills streams at random for thousands of batches, while their lake is optimized and vacuumed;\n" +
    "fails unless every row has arrived everywhere exactly once. It may take an hour.",
  options: {
    batches: { value: "N", help: "batches of the first stream (5000)" },
    "seconds-per-kill": { value: "N", help: "seconds between two kills, on average (4)" },
    json: { help: "print the figures as JSON" },
  },
  async run({ options, switches }) {
    const batches = integerArgument("batches", options.batches ?? "5000");
    const secondsPerKill = integerArgument("seconds-per-kill", options["seconds-per-kill"] ?? "4");
    const folder = mkdtempSync(join(tmpdir(), "birdsong-fault-"));
    const [source, lake] = [join(folder, "source"), join(folder, "lake")];
    const input = writeInput(source, batches);
    const committed = new Map<Stage, BatchReport[]>(stages.map((stage) => [stage, []]));
    const report = await runChain({
      source,
      lake,
      rows: input.length,
      kills: Math.ceil(batches / 10),
      secondsPerKill,
      secondsPaused: 10,
      maintenance: { retainMs: 5000, pauseMs: 10_000 },
      onBatch(stage, batch) {
        committed.get(stage)!.push(batch);
        if (stage === "a" && batch.batchId % 100 === 99) {
          console.error(`batch ${batch.batchId + 1}`);
        }
      },
    }, 6 * 3600);
    await verifyChain(lake, source, input);
    rmSync(folder, { recursive: true });
    const figures = stages.flatMap((stage) => spans(stage, committed.get(stage)!));
    if (switches.has("json")) console.log(JSON.stringify({ rows: input.length, report, figures }));
    else {
      console.log(report);
      console.log(formatTable(
        ["stream", "batches", "median ms", "median processor ms"],
        figures.map(({ stage, from, to, milliseconds, processorMilliseconds }) => [
          ...[stage, `${from}-${to}`, String(milliseconds), String(processorMilliseconds)],
        ]),
      ));
    }
  },
});

/** Medians of each 500 batches: what a batch costs as tables and history grow. */
function spans(stage: Stage, batches: BatchReport[]) {
  const last = Math.max(...batches.map(({ batchId }) => batchId));
  return Array.from({ length: Math.ceil((last + 1) / span) }, (_, index) => {
    const [from, to] = [index * span, Math.min(last, (index + 1) * span - 1)];
    const within = batches.filter(({ batchId }) => batchId >= from && batchId <= to);
    return {
      stage,
      from,
      to,
      milliseconds: median(within.map(({ milliseconds }) => milliseconds)),
      processorMilliseconds: median(within.map((batch) => batch.processorMilliseconds)),
    };
  });
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
