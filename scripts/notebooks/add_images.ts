import { Buffer } from "node:buffer";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { imageFont } from "../../lib/charts/font.ts";
import { toPng } from "../../lib/charts/png.ts";
import { messageOf } from "../../lib/errors.ts";
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
 * A figure that cannot be drawn stays as it is, and standard error says which one it is.
 *
 * @param out Folder of the executed copies. On a machine without a font they stay as they are.
 */
export async function addImages(out: string, results: NotebookResult[]): Promise<void> {
  if (await imageFont() === undefined) return;
  for (const { notebook } of results.filter(({ state }) => state !== "not run")) {
    // What could not be read has no copy.
    if (existsSync(join(out, notebook))) await addImagesTo(out, notebook);
  }
}

async function addImagesTo(out: string, name: string): Promise<void> {
  const path = join(out, name);
  const notebook: { cells: { id?: string; outputs?: Output[] }[] } = JSON.parse(
    readFileSync(path, "utf8"),
  );
  for (const { id, outputs = [] } of notebook.cells) {
    for (const { data } of outputs) {
      const svg = data?.["image/svg+xml"];
      if (!svg || !("application/vnd.plotly.v1+json" in data)) continue;
      try {
        data["image/png"] = Buffer.from(await toPng([svg].flat().join(""))).toString("base64");
      } catch (error) {
        console.error(`${name}, cell ${id}: a figure has no image: ${messageOf(error)}`);
      }
    }
  }
  // What a killed run leaves under such a name is removed by the next one (execute_notebooks.py).
  const unfinished = join(out, `.${name}.${process.pid}`);
  writeFileSync(unfinished, JSON.stringify(notebook, null, 1) + "\n");
  renameSync(unfinished, path);
}
