import { readFileSync } from "node:fs";
import { BirdsongError, messageOf } from "../../lib/errors.ts";

/** A cell of a notebook file, as far as its text matters. */
export interface Cell {
  id: string;
  type: "code" | "markdown" | "raw";
  source: string;
}

/**
 * The cells of a notebook file.
 *
 * @throws {BirdsongError} if it is no notebook.
 */
export function readCells(file: string): Cell[] {
  try {
    const { cells } = JSON.parse(readFileSync(file, "utf8")) as {
      cells: { id?: string; cell_type: Cell["type"]; source: string | string[] }[];
    };
    return cells.map(({ id, cell_type, source }, index) => ({
      id: id ?? String(index + 1),
      type: cell_type,
      source: Array.isArray(source) ? source.join("") : source,
    }));
  } catch (error) {
    throw new BirdsongError(`${file} is no notebook: ${messageOf(error)}`, { cause: error });
  }
}
