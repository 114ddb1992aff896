import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The content of a table, as `id<tab>payload`, sorted. */
export type Rows = string[];

/**
 * Writes small files of 1 to 30 rows: a third of them of so few rows that DuckLake keeps them
 * inline, the others long enough to become Parquet files.
 *
 * @returns All rows, as table `a` of the chain must hold them before its stage's mark is added.
 */
export function writeInput(folder: string, files: number): { id: string; payload: string }[] {
  mkdirSync(folder, { recursive: true });
  const all = [];
  for (let file = 0; file < files; file++) {
    const count = 1 + (file * 7919) % 30;
    const rows = Array.from({ length: count }, (_, row) => ({
      id: `${file}#${row}`,
      payload: `${"\"it's\"\n😀".repeat(row % 3)} <b>${file * 31 + row}`,
    }));
    all.push(...rows);
    const name = `${String(file).padStart(6, "0")}.jsonl`;
    writeFileSync(join(folder, name), rows.map((row) => JSON.stringify(row)).join("\n"));
  }
  return all;
}
