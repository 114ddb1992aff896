import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { notebookFiles } from "../../scripts/notebooks/notebook_files.ts";
import {
  type Cell,
  type Notebook,
  readNotebook,
  sourceOf,
  withSource,
} from "../../scripts/notebooks/notebook.ts";
import { projectPath } from "../../lib/paths.ts";
import { CheckFailed } from "../../lib/teaching/check.ts";

/** The project's notebooks, by number. */
export const notebooks = new Map<string, Notebook>(
  notebookFiles(projectPath("notebooks")).map((path) => [
    path.match(/(\d\d)_[^/\\]*$/)![1],
    readNotebook(path),
  ]),
);

/** The ids of all exercises, such as `04-a`. */
export const exercises: string[] = [...notebooks.values()].flatMap(({ cells }) =>
  cells.flatMap(({ metadata: { nbgrader } }) => nbgrader?.solution ? [nbgrader.grade_id] : [])
);

/** An answer with other lines in place of the right ones. */
export function withAnswer(cell: Cell, lines: string): Cell {
  const answer = /^ *\/\/ BEGIN SOLUTION[^]*\/\/ END SOLUTION$/m;
  return withSource(cell, sourceOf(cell).replace(answer, () => lines));
}

/** The notebook with other answers, by exercise. */
export function withAnswers(notebook: Notebook, answers: Record<string, string>): Notebook {
  return {
    ...notebook,
    cells: notebook.cells.map((cell) => {
      const { nbgrader } = cell.metadata;
      const lines = nbgrader?.solution ? answers[nbgrader.grade_id] : undefined;
      return lines === undefined ? cell : withAnswer(cell, lines);
    }),
  };
}

// Notebook 00 has a server running when its checks are made.
const server = `
const version = { version: 3 };
const mlflow = {
  uri: "http://server",
  getRegisteredModel: async (name) =>
    name === "HF_TWEET_SENTIMENT" ? { name: name, aliases: { production: 3 } } : null,
  getModelVersion: async (name, version) => ({ name: name, version: version }),
  listRegisteredModels: async () => [],
};`;

/**
 * Runs a notebook's exercises without a kernel and without the cells before them.
 *
 * @param folder Where the module that does it is written: inside the project.
 * @returns What is wrong with each answer, by exercise; empty for a right one.
 */
export async function verdictsOf(
  number: string,
  notebook: Notebook,
  folder: string,
): Promise<Record<string, string>> {
  const { cells } = notebook;
  const first = sourceOf(cells.find(({ cell_type }) => cell_type === "code")!);
  const imports = first.match(/^import [^]*? from "birdsong";$/m)![0];
  const attempts = cells.filter((cell) => cell.metadata.nbgrader?.grade).map((check) => {
    const exercise = check.metadata.nbgrader!.grade_id.replace(/-check$/, "");
    const answer = cells.find((cell) => cell.metadata.nbgrader?.grade_id === exercise)!;
    const body = `${sourceOf(answer)}\n${sourceOf(check)}`;
    return `verdicts["${exercise}"] = await verdictOf(async () => {\n${body}\n});`;
  });
  const file = join(folder, `exercises_${number}_${crypto.randomUUID()}.ts`);
  writeFileSync(
    file,
    [
      imports,
      number === "00" ? server : "",
      "export const run = async (verdicts, verdictOf) => {",
      ...attempts,
      "};",
    ].join("\n"),
  );
  const { run } = await import(pathToFileURL(file).href);
  const verdicts: Record<string, string> = {};
  const { log } = console;
  console.log = () => {};
  try {
    await run(verdicts, verdictOf);
  } finally {
    console.log = log;
  }
  return verdicts;
}

async function verdictOf(attempt: () => Promise<void>): Promise<string> {
  try {
    await attempt();
    return "";
  } catch (error) {
    if (error instanceof CheckFailed) return error.message;
    throw error;
  }
}
