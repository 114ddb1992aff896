import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { projectPath, projectRoot } from "../../lib/paths.ts";
import { runDeno } from "./run_deno.ts";
import { type CellModule, cellModule } from "./cell_module.ts";
import { readNotebook } from "../notebooks/notebook.ts";

/** A complaint about the cells of notebooks. */
export interface Findings {
  /** Which check complains. */
  check: "types" | "lint";
  /** The tool's text, with places as notebook, cell and line. */
  text: string;
}

/**
 * Checks types and lint rules of the code cells, as `deno check` and `deno lint` do for all other
 * code: the cells of a notebook are taken as one module.
 */
export function checkCells(notebooks: readonly string[]): Findings[] {
  mkdirSync(projectPath("output"), { recursive: true });
  // Inside the project, because modules there find the library and the npm packages.
  const folder = mkdtempSync(projectPath("output/cells-"));
  try {
    const modules = new Map<string, { notebook: string; module: CellModule }>();
    for (const notebook of notebooks) {
      const name = `${basename(notebook, ".ipynb")}.ts`;
      const module = cellModule(readNotebook(notebook).cells);
      writeFileSync(join(folder, name), module.text);
      modules.set(name, { notebook, module });
    }
    const files = [...modules.keys()].map((name) => join(folder, name));
    const config = join(folder, "deno.json");
    writeFileSync(config, JSON.stringify({ lint: { rules: lintRules() } }));
    const ended = {
      types: runDeno(["check", "--quiet", ...files]),
      lint: runDeno(["lint", "--quiet", "--compact", "--config", config, ...files]),
    };
    return Object.entries(ended).filter(([, { code }]) => code !== 0).map((
      [check, { output }],
    ) => ({
      check: check as Findings["check"],
      text: placesInNotebooks(output, modules),
    }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The project's rules without those that a lesson need not keep. */
function lintRules(): { exclude: string[] } {
  const { lint } = JSON.parse(readFileSync(projectPath("deno.json"), "utf8"));
  // The step of a job is asynchronous by its type; one that only fails, as an example, awaits nothing.
  return { exclude: [...lint.rules.exclude, "require-await"] };
}

/** Text with `file:///.../03_raw_to_bronze.ts:12:5` or `...: line 12, col 5` as a place in a notebook. */
function placesInNotebooks(
  text: string,
  modules: Map<string, { notebook: string; module: CellModule }>,
): string {
  const place = /file:\/\/\S*?([^/\s]+\.ts)(?::(\d+):\d+|: line (\d+), col \d+)/g;
  return text.replace(place, (whole, name, typesLine, lintLine) => {
    const found = modules.get(decodeURIComponent(name));
    if (!found) return whole; // in the library
    const { cell, line } = found.module.place(Number(typesLine ?? lintLine));
    return `${relative(projectRoot, found.notebook)}, cell ${cell}, line ${line}`;
  });
}
