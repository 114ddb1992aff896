import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import type { CodeCell, Output } from "./code_cell.ts";
import type { JupyterLab } from "./jupyter_lab.ts";
import { NotebookPage } from "./notebook_page.ts";

const interactive = "application/vnd.plotly.v1+json";

/**
 * Opens executed notebooks anew, without running anything: each shows its figures, for which the page
 * asks for plotly's library once, as no notebook holds it. Each is opened as JupyterLab has saved it,
 * with its own images of the figures, and as the headless runner would have, without.
 */
export async function reopen(
  browser: Browser,
  lab: JupyterLab,
  notebooks: string[],
): Promise<void> {
  // Opened beside an empty one: what is measured is a notebook, not the start of JupyterLab.
  await writeFile(join(lab.folder, "empty.ipynb"), JSON.stringify(empty));
  const page = await NotebookPage.open(browser, lab, "empty.ipynb");
  for (const notebook of notebooks) {
    const text = await readFile(join(lab.folder, notebook), "utf8");
    assert.doesNotMatch(text, /<script|Plotly\.(newPlot|react)/);
    const saved: { cells: Partial<CodeCell>[] } = JSON.parse(text);
    const outputs = saved.cells.flatMap((cell) => cell.outputs ?? []);
    const figures = outputs.filter(isFigure);
    if (figures.length === 0) continue;
    for (const { data } of figures) delete data!["image/png"];
    await writeFile(join(lab.folder, `headless_${notebook}`), JSON.stringify(saved));
    for (const name of [notebook, `headless_${notebook}`]) {
      const started = performance.now();
      await page.openBeside(lab, name);
      await page.drawsFigures(figures.length);
      const milliseconds = Math.round(performance.now() - started);
      console.log(`      ${name}: ${figures.length} figures after ${milliseconds} ms`);
    }
  }
  const library = /extensions\/jupyterlab-plotly\/static\/(?!remoteEntry|style)/;
  const asked = page.requested.filter((path) => library.test(path));
  assert.equal(asked.length, 1, `the page asked for ${asked}`);
  await page.page.close();
}

/** Looks at the forms of each output: a viewer that runs no script has an image, or words. */
export async function checkForms(lab: JupyterLab, notebook: string): Promise<void> {
  const { cells } = JSON.parse(await readFile(join(lab.folder, notebook), "utf8"));
  for (const { outputs = [] } of cells as Partial<CodeCell>[]) {
    for (const { output_type, data = {}, ...output } of outputs) {
      if (output_type === "stream") continue;
      assert.ok(String(data["text/plain"] ?? "").length > 0, JSON.stringify(output));
      if (!isFigure({ output_type, data })) continue;
      assert.match(String([data["image/svg+xml"]].flat().join("")), /^<svg .*<\/svg>$/s);
      assert.match(String(data["text/plain"]), /\(.*chart|matrix/);
    }
  }
}

function isFigure({ data }: Output): boolean {
  return data?.[interactive] !== undefined;
}

const empty = {
  nbformat: 4,
  nbformat_minor: 5,
  metadata: { kernelspec: { name: "deno", display_name: "Deno", language: "typescript" } },
  cells: [],
};
