import { BirdsongError } from "../../lib/errors.ts";
import { notSolved } from "../../lib/teaching/check.ts";
import { type Cell, type Notebook, sourceOf, withSource } from "../notebooks/notebook.ts";

// nbgrader's marks, behind whatever begins a comment in the cell's language.
const region = (name: string) =>
  new RegExp(`^([ \\t]*)[^\\n]*\\bBEGIN ${name}\\b[^]*?\\bEND ${name}\\b[^\\n]*\\n?`, "gm");

const marks = /\b(BEGIN|END) (SOLUTION|HIDDEN TESTS|TEACHER)\b/;

/** The tag that lets *Run All* go on behind a cell that throws, in JupyterLab and headless. */
export const mayThrow = "raises-exception";

/**
 * A notebook as students get it: their code in place of the answers, nothing of the hidden tests,
 * tasks and checks locked, no outputs. An open exercise does not stop *Run All*.
 *
 * @throws {BirdsongError} if a cell that should hold an answer has none that is marked, or a mark has
 *   lost the other one of its pair.
 */
export function studentEdition(notebook: Notebook): Notebook {
  const cells = notebook.cells.map(studentCell);
  for (const cell of cells) {
    const [mark] = sourceOf(cell).match(marks) ?? [];
    if (mark === undefined) continue;
    throw new BirdsongError(
      `the cell ${cell.id} has "${mark}" without its counterpart: students would get what is hidden`,
    );
  }
  return { ...notebook, cells };
}

function studentCell(cell: Cell): Cell {
  const grade = cell.metadata.nbgrader;
  if (cell.cell_type === "markdown" && !grade?.locked) {
    // nbgrader takes its own marks in code only.
    return withSource(cell, sourceOf(cell).replace(region("TEACHER"), "").trimEnd());
  }
  const clean = cell.cell_type === "code" ? { ...cell, outputs: [], execution_count: null } : cell;
  if (grade?.solution) {
    const { jupyter: _folded, ...metadata } = cell.metadata;
    return { ...withSource(clean, withoutAnswer(cell)), metadata };
  }
  if (!grade?.locked) return clean;
  const metadata = { ...cell.metadata, editable: false, deletable: false };
  if (!grade.grade) return { ...clean, metadata };
  const tags = [...cell.metadata.tags ?? [], mayThrow];
  const tests = sourceOf(cell).replace(region("HIDDEN TESTS"), "");
  return { ...withSource(clean, tests), metadata: { ...metadata, tags } };
}

function withoutAnswer(cell: Cell): string {
  const source = sourceOf(cell);
  const open = source.replace(
    region("SOLUTION"),
    (_, indent) => `${indent}// YOUR CODE HERE\n${indent}throw new Error("${notSolved}");\n`,
  );
  if (open !== source) return open;
  const { grade_id } = cell.metadata.nbgrader!;
  throw new BirdsongError(
    `the answer ${grade_id} has no lines "// BEGIN SOLUTION" and "// END SOLUTION": ` +
      "students would get it whole",
    { context: { cell: grade_id } },
  );
}
