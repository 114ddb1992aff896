import { formatTable } from "../command/table.ts";
import type { NotebookResult } from "./run_notebooks.ts";

/** The closing table of a run: notebook, state, seconds. */
export function notebookTable(results: NotebookResult[]): string {
  return formatTable(
    ["notebook", "state", "seconds"],
    results.map(({ notebook, state, seconds }) => [notebook, state, seconds.toFixed(1)]),
  );
}
