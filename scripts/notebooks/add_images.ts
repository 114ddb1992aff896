import { Buffer } from "node:buffer";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { imageFont } from "../../lib/charts/font.ts";
import { toPng } from "../../lib/charts/png.ts";
import type { NotebookResult } from "./run_notebooks.ts";

/** An output as nbformat 4 has it: a text may be split into lines. */
interface Output {
  data?: { "image/svg+xml"?: string | string[]; "image/png"?: string } & Record<string, unknown>;
}

/**
 * Gives each interactive figure of executed notebooks a PNG, as JupyterLab does when it saves one.
 * JupyterLab opens a notebook with that image, and draws the interactive figure when the mouse comes
 * near; without, it draws every figure at once, which takes longer than all the rest of the notebook.
 * Cells themselves send no PNG: after a run in JupyterLab, one wants to see the figure, not its image.
 *
 * @param out Folder of the executed copies. On a machine without a font they stay as they are.
 */
export async function addImages(out: string, results: NotebookResult[]): Promise<void> {
  if (await imageFont() === undefined) return;
  for (const { notebook } of results.filter(({ state }) => state !== "not run")) {
    const path = join(out, notebook);
    // What could not be read has no copy.
    if (existsSync(path)) await addImagesTo(path);
  }
}

async function addImagesTo(path: string): Promise<void> {
  const notebook: { cells: { outputs?: Output[] }[] } = JSON.parse(readFileSync(path, "utf8"));
  for (const { data } of notebook.cells.flatMap(({ outputs }) => outputs ?? [])) {
    const svg = data?.["image/svg+xml"];
    if (!svg || !("application/vnd.plotly.v1+json" in data)) continue;
    data["image/png"] = Buffer.from(await toPng([svg].flat().join(""))).toString("base64");
  }
  const unfinished = `${path}.part`;
  writeFileSync(unfinished, JSON.stringify(notebook, null, 1) + "\n");
  renameSync(unfinished, path);
}
