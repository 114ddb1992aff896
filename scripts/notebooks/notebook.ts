import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { BirdsongError, messageOf } from "../../lib/errors.ts";

/** A cell's part of an exercise, in nbgrader's cell metadata (schema version 3). */
export interface GradeMetadata {
  /** Unique in the notebook: `04-a` the answer, `04-a-task` its text, `04-a-check` its check. */
  grade_id: string;
  schema_version: 3;
  /** Whether the cell gives points: a check. */
  grade: boolean;
  /** Whether the student writes the cell: an answer. */
  solution: boolean;
  /** Whether the student must leave the cell as it is. */
  locked: boolean;
  task: boolean;
  /** What a check is worth. */
  points?: number;
}

/** What a cell put out, as far as grading looks at it. */
export interface Output {
  output_type: string;
  data?: Record<string, unknown>;
  ename?: string;
  evalue?: string;
  text?: string | string[];
}

/** A cell of a notebook file. */
export interface Cell {
  cell_type: "code" | "markdown" | "raw";
  /** Absent in notebooks older than nbformat 4.5. */
  id?: string;
  metadata: {
    nbgrader?: GradeMetadata;
    jupyter?: { source_hidden?: boolean };
    tags?: string[];
    editable?: boolean;
    deletable?: boolean;
  };
  source: string | string[];
  outputs?: Output[];
  execution_count?: number | null;
}

/** A notebook file (nbformat 4). */
export interface Notebook {
  cells: Cell[];
  metadata: { language_info?: { name: string } };
  nbformat: 4;
  nbformat_minor: number;
}

/**
 * Reads a notebook file.
 *
 * @throws {BirdsongError} if it cannot be read or is no notebook.
 */
export function readNotebook(path: string): Notebook {
  let notebook: Partial<Notebook>;
  try {
    notebook = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new BirdsongError(`${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  const { nbformat, cells } = notebook ?? {};
  if (nbformat === 4 && Array.isArray(cells) && cells.every(isCell)) return notebook as Notebook;
  throw new BirdsongError(`${path} is no notebook of nbformat 4`, { context: { path } });
}

function isCell(cell: Partial<Cell> | null): boolean {
  const { metadata, source } = cell ?? {};
  return typeof metadata === "object" && metadata !== null &&
    (typeof source === "string" || Array.isArray(source));
}

/** A notebook as a file's text, as the project's own are written. */
export function notebookText(notebook: Notebook): string {
  return JSON.stringify(notebook, null, 1) + "\n";
}

/** A cell's source in one piece. */
export function sourceOf(cell: Cell): string {
  return [cell.source].flat().join("");
}

/** The same cell with another source, its lines apart as Jupyter writes them. */
export function withSource(cell: Cell, source: string): Cell {
  return { ...cell, source: source.split(/(?<=\n)/) };
}

/** A notebook's first heading; its file name where it has none. */
export function titleOf(notebook: Notebook, path: string): string {
  const heading = notebook.cells.filter((cell) => cell.cell_type === "markdown")
    .flatMap((cell) => sourceOf(cell).match(/^# (.+)$/m)?.[1] ?? []);
  return heading[0] ?? basename(path, ".ipynb");
}
