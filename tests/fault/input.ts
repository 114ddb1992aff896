import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A row of the input. */
export interface InputRow {
  id: string;
  payload: string;
}

/**
 * Writes small files of 1 to 30 rows: a third of them of so few rows that DuckLake keeps them
 * inline, the others long enough to become Parquet files.
 *
 * @returns All their rows.
 */
export function writeInput(folder: string, files: number): InputRow[] {
  mkdirSync(folder, { recursive: true });
  const all: InputRow[] = [];
  for (let file = 0; file < files; file++) {
    const count = 1 + (file * 7919) % 30;
    const rows = Array.from({ length: count }, (_, row) => ({
      id: `${file}#${row}`,
      payload: `${'"it\'s"\n😀'.repeat(row % 3)} <b>${file * 31 + row}`,
    }));
    all.push(...rows);
    const name = `${String(file).padStart(6, "0")}.jsonl`;
    writeFileSync(join(folder, name), rows.map((row) => JSON.stringify(row)).join("\n"));
  }
  return all;
}
