import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** One output of a cell, as far as tests look at it. */
interface Output {
  output_type: string;
  text?: string | string[];
}

/** Writes a notebook of code cells; returns its path. */
export function writeNotebook(folder: string, name: string, cells: string[]): string {
  const path = join(folder, name);
  const notebook = {
    cells: cells.map((source, index) => ({
      cell_type: "code",
      id: `cell-${index}`,
      execution_count: null,
      metadata: {},
      outputs: [],
      source,
    })),
    metadata: {
      kernelspec: { name: "deno", display_name: "Deno", language: "typescript" },
      language_info: { name: "typescript" },
    },
    nbformat: 4,
    nbformat_minor: 5,
  };
  writeFileSync(path, JSON.stringify(notebook));
  return path;
}

/** What the cells of an executed copy printed. */
export function printedIn(path: string): string {
  const { cells } = JSON.parse(readFileSync(path, "utf8")) as { cells: { outputs: Output[] }[] };
  return cells
    .flatMap(({ outputs }) => outputs)
    .filter(({ output_type }) => output_type === "stream")
    .flatMap(({ text }) => text ?? "")
    .join("");
}
