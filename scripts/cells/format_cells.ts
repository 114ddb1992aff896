import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { BirdsongError } from "../../lib/errors.ts";
import { projectPath } from "../../lib/paths.ts";
import { readNotebook, sourceOf } from "../notebooks/notebook.ts";
import { nameOf } from "./cell_module.ts";
import { runDeno } from "./run_deno.ts";

/** A notebook that is not formatted, with its cells that are not. */
export interface Unformatted {
  notebook: string;
  cells: string[];
}

/**
 * Formats code cells and words as `deno fmt` does, on copies; `fix` puts those in the notebooks'
 * place. (`deno fmt --check` itself takes every notebook for unformatted, as of Deno 2.9.6.)
 *
 * @returns the notebooks that are, or with `fix` were, not formatted.
 * @throws {BirdsongError} if a notebook does not say that it is written in TypeScript.
 */
export function formatCells(
  notebooks: readonly string[],
  { fix }: { fix: boolean },
): Unformatted[] {
  const { fmt } = JSON.parse(readFileSync(projectPath("deno.json"), "utf8"));
  const folder = mkdtempSync(join(tmpdir(), "birdsong-cells-"));
  try {
    const copies = notebooks.map((notebook) => join(folder, basename(notebook)));
    notebooks.forEach((notebook, index) => {
      requireLanguage(notebook);
      copyFileSync(notebook, copies[index]);
    });
    const options = ["--no-config", "--quiet", `--line-width=${fmt.lineWidth}`];
    const { code, output } = runDeno(["fmt", ...options, ...copies]);
    if (code !== 0) throw new BirdsongError(`the notebooks could not be formatted: ${output}`);
    return notebooks.flatMap((notebook, index) => {
      const copy = copies[index];
      if (readFileSync(copy, "utf8") === readFileSync(notebook, "utf8")) return [];
      const formatted = readNotebook(copy).cells;
      const cells = readNotebook(notebook).cells.flatMap((cell, index) =>
        sourceOf(cell) === sourceOf(formatted[index]) ? [] : [nameOf(cell, index)]
      );
      if (fix) copyFileSync(copy, notebook);
      return [{ notebook, cells }];
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** `deno fmt` passes over the cells of a notebook without `language_info`, and says nothing. */
function requireLanguage(notebook: string): void {
  const { metadata } = readNotebook(notebook);
  if (metadata?.language_info?.name === "typescript") return;
  throw new BirdsongError(
    `${notebook} does not name its language, without which its cells cannot be formatted: open and ` +
      "save it in JupyterLab with the Deno kernel",
  );
}
