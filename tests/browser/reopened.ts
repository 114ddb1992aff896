import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { addImages } from "../../scripts/notebooks/add_images.ts";
import type { CodeCell, Output } from "./code_cell.ts";
import type { JupyterLab } from "./jupyter_lab.ts";
import { NotebookPage } from "./notebook_page.ts";

const interactive = "application/vnd.plotly.v1+json";

/**
 * Opens executed notebooks anew, without running anything: each shows its figures, for which the page
 * asks for plotly's library once, as no notebook holds it. Each is opened without its figures, as a
 * measure of what the notebook takes anyway; as JupyterLab has saved it, with its own images of the
 * figures; as the headless runner leaves it, with the project's; and as other runners do, with none.
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
    const copies = await writeCopies(lab, notebook);
    if (copies.figures === 0) continue;
    for (const { name, figures, interactive } of copies.variants) {
      const busy = await page.processorTime();
      const started = performance.now();
      await page.openBeside(lab, name);
      const drawn = await page.drawsFigures(figures);
      const elapsed = Math.round(performance.now() - started);
      const processor = Math.round(await page.processorTime() - busy);
      console.log(`      ${name}: ${elapsed} ms; the page's processor time ${processor} ms`);
      if (interactive !== undefined) {
        assert.equal(drawn, interactive, `interactive figures of ${name}, reopened`);
      }
      if (figures > 0 && interactive === 0) await page.hoverFigure();
      await page.closeInFront();
    }
  }
  const library = /extensions\/jupyterlab-plotly\/static\/(?!remoteEntry|style)/;
  const asked = page.requested.filter((path) => library.test(path));
  assert.equal(asked.length, 1, `the page asked for ${asked}`);
  await page.page.close();
}

/** Writes the copies of an executed notebook that are compared. */
async function writeCopies(lab: JupyterLab, notebook: string): Promise<
  { figures: number; variants: { name: string; figures: number; interactive?: number }[] }
> {
  const text = await readFile(join(lab.folder, notebook), "utf8");
  assert.doesNotMatch(text, /<script|Plotly\.(newPlot|react)/);
  const saved: { cells: Partial<CodeCell>[] } = JSON.parse(text);
  const figures = saved.cells.flatMap((cell) => cell.outputs ?? []).filter(isFigure);
  const write = (prefix: string) =>
    writeFile(join(lab.folder, prefix + notebook), JSON.stringify(saved));
  for (const { data } of figures) delete data!["image/png"];
  await write("no_images_");
  await write("headless_");
  const headless = { notebook: "headless_" + notebook, state: "passed", seconds: 0 } as const;
  await addImages(lab.folder, [headless]);
  for (const cell of saved.cells) {
    cell.outputs = cell.outputs?.filter((output) => !isFigure(output));
  }
  await write("no_figures_");
  const count = figures.length;
  return {
    figures: count,
    variants: [
      { name: "no_figures_" + notebook, figures: 0, interactive: 0 },
      // JupyterLab has saved no image of a figure that was out of sight when it was drawn.
      { name: notebook, figures: count },
      { name: "headless_" + notebook, figures: count, interactive: 0 },
      { name: "no_images_" + notebook, figures: count, interactive: count },
    ],
  };
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
