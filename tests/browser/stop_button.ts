import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { makeSample } from "../../lib/tweets/sample/ensure_source.ts";
import { notebookOf } from "../notebook/probe.ts";
import type { JupyterLab } from "./jupyter_lab.ts";
import { NotebookPage } from "./notebook_page.ts";

const [stream, afterStream, scoring, afterScoring] = [1, 2, 3, 4];

/** Cells that stream and score, each with one after it that shows what the tables hold. */
function cells(folder: string): string[] {
  return [
    `import { openScorer, openLake, parameters, readProgress, scoringProgress, show, startTier } from "birdsong";
    const { model } = parameters();
    const session = await openLake(${JSON.stringify(join(folder, "stopped/lake"))});
    const scorer = await openScorer({ model: model, provider: "cpu" });
    const tiers = { session: session, scorer: scorer, source: ${
      JSON.stringify(join(folder, "stopped/tweets"))
    } };
    const count = async (name: string, table: string) => ({
      rows: Number((await session.sql("SELECT count(*) AS n FROM " + table))[0].n),
      committed: (await readProgress(session.lake, name))
        .reduce((sum, batch) => sum + batch.sink.numOutputRows, 0),
    });`,
    `const bronze = await startTier.bronze({
      ...tiers, maxFilesPerTrigger: 1, trigger: { processingTime: "10 ms" },
    });
    await show("streaming");
    await bronze.awaitTermination();`,
    `await show(JSON.stringify({ active: bronze.isActive, ...await count("bronze_stream", "bronze") }));
    await (await startTier.bronze(tiers)).awaitTermination();
    await (await startTier.silver(tiers)).awaitTermination();`,
    `const gold = await startTier.gold({ ...tiers, onScoring: scoringProgress() });
    await gold.awaitTermination();`,
    `await (await startTier.gold(tiers)).awaitTermination();
    const { committed: given } = await count("silver_stream", "silver");
    await show(JSON.stringify({ active: gold.isActive, given, ...await count("gold_stream", "gold") }));
    await scorer.close();`,
  ];
}

/**
 * Presses the stop button while a stream runs and while texts are scored: the cell ends, the kernel
 * lives, and the next cell finds whole batches and goes on from there.
 */
export async function pressStop(browser: Browser, lab: JupyterLab): Promise<void> {
  await makeSample(join(lab.folder, "stopped/tweets"), { tweets: 5_000, files: 50, seed: 2 });
  await writeFile(
    join(lab.folder, "stop.ipynb"),
    JSON.stringify({
      ...notebookOf(cells(lab.folder)),
      metadata: { kernelspec: { name: "deno", display_name: "Deno", language: "typescript" } },
    }),
  );
  const page = await NotebookPage.open(browser, lab, "stop.ipynb");
  const kernel = await page.kernelId();
  await page.run(0);
  for (const [index, sign] of [[stream, "streaming"], [scoring, " left"]] as const) {
    const ended = page.run(index);
    await page.says(index, sign);
    const pressed = performance.now();
    await page.stop();
    await ended;
    console.log(`      stopped after ${Math.round(performance.now() - pressed)} ms`);
    await page.run(index + 1);
  }
  const outputs = (await page.cells()).map((cell) => cell.outputs);
  const shown = (cell: number) => {
    const [output] = outputs[cell];
    assert.equal(output.output_type, "display_data", JSON.stringify(output));
    return JSON.parse(String(output.data?.["text/plain"]));
  };
  for (const cell of [stream, scoring]) assert.match(outputs[cell].at(-1)!.evalue!, /Interrupted/);
  const bronze = shown(afterStream);
  assert.deepEqual(bronze, { active: false, rows: bronze.committed, committed: bronze.committed });
  const gold = shown(afterScoring);
  assert.deepEqual(gold, {
    active: false,
    given: gold.given,
    rows: gold.given,
    committed: gold.given,
  });
  assert.ok(gold.given >= 4_000);
  assert.equal(await page.kernelId(), kernel, "the kernel was restarted");
  await page.close();
}
