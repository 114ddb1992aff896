import { basename, join } from "node:path";
import { BirdsongError } from "../../lib/errors.ts";
import type { Kernel } from "../../lib/notebook/kernel.ts";
import { projectPath } from "../../lib/paths.ts";
import { runChild, wasInterrupted } from "../command/child.ts";
import { jupyterEnvironment, projectPython } from "./python.ts";

/** Why a notebook failed. */
export interface NotebookFailure {
  /** The code cell, numbered from 1 as JupyterLab does; null where no cell is to blame. */
  cell: number | null;
  source: string;
  error: string;
}

/** What `execute_notebooks.py` reports while it runs. */
export type NotebookEvent =
  | { event: "notebook"; notebook: string; cells: number }
  | { event: "cell"; notebook: string; cell: number; cells: number; seconds: number }
  | { event: "late"; notebook: string; cell: number }
  | { event: "passed"; notebook: string; seconds: number }
  | ({ event: "failed"; notebook: string; seconds: number } & NotebookFailure);

/** How one notebook ended. */
export interface NotebookResult {
  /** File name, such as `03_raw_to_bronze.ipynb`. */
  notebook: string;
  state: "passed" | "failed" | "not run";
  seconds: number;
  /** Cells whose outputs came after their end, so that Jupyter may put them elsewhere. */
  late?: number[];
  failure?: NotebookFailure;
}

/** What to run, and how. */
export interface NotebookRunOptions {
  /** The notebooks' paths, in order. */
  notebooks: string[];
  kernel: Kernel;
  /** Folder of the executed copies. */
  out: string;
  /** Seconds that one notebook may take. @default what its metadata says, or an hour */
  timeout?: number;
  /** Parameters of the notebooks, as environment variables. */
  environment?: Record<string, string>;
  onEvent?(event: NotebookEvent): void;
}

/** Notebooks that ran, and whether Ctrl-C ended it. */
export interface NotebookRun {
  results: NotebookResult[];
  interrupted: boolean;
}

/**
 * Executes notebooks headless, one after the other, each in a fresh kernel. The first that fails
 * ends the run: later notebooks need the tables of earlier ones.
 *
 * @throws {BirdsongError} if the runner itself breaks.
 */
export async function runNotebooks(options: NotebookRunOptions): Promise<NotebookRun> {
  const results: NotebookResult[] = options.notebooks.map((path) => ({
    notebook: basename(path),
    state: "not run",
    seconds: 0,
  }));
  const take = (line: string) => {
    const event = JSON.parse(line) as NotebookEvent;
    const result = results.find(({ notebook }) => notebook === event.notebook);
    if (result && event.event === "late") (result.late ??= []).push(event.cell);
    if (result && (event.event === "passed" || event.event === "failed")) {
      result.state = event.event;
      result.seconds = event.seconds;
      if (event.event === "failed") {
        const { cell, source, error } = event;
        result.failure = { cell, source, error };
      }
    }
    options.onEvent?.(event);
  };
  const code = await runChild(
    projectPython(),
    [
      projectPath("scripts/notebooks/execute_notebooks.py"),
      ...["--kernel", options.kernel, "--out", options.out],
      ...(options.timeout === undefined ? [] : ["--timeout", String(options.timeout)]),
      ...options.notebooks,
    ],
    { env: { ...jupyterEnvironment, ...options.environment }, onLine: take },
  );
  const interrupted = wasInterrupted(code);
  if (code !== 0 && !interrupted && !results.some(({ state }) => state === "failed")) {
    throw new BirdsongError(
      `execute_notebooks.py ended with exit code ${code}; see its text above`,
    );
  }
  return { results, interrupted };
}

/** A failing cell for the terminal: where it is, what it says, why it failed. */
export function quoteFailure(result: NotebookResult, out: string): string {
  const { cell, source, error } = result.failure!;
  const indent = (text: string) => text.replace(/^/gm, "    ");
  return [
    `${result.notebook} failed${cell === null ? "" : ` in cell [${cell}]`}:`,
    ...(source ? ["", indent(source)] : []),
    "",
    indent(error),
    "",
    `Its outputs up to there: ${join(out, result.notebook)}`,
  ].join("\n");
}
