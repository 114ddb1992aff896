import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Random } from "./random.ts";

/** A row of the input. */
export interface InputRow {
  id: string;
  payload: string;
}

/** How many rows come together. The catalog keeps inserts of up to 50 rows; more become a file. */
export const sizes = [
  { name: "1", first: 1, last: 1, often: 6 },
  { name: "2-9", first: 2, last: 9, often: 5 },
  { name: "10-49", first: 10, last: 49, often: 4 },
  { name: "50-51", first: 50, last: 51, often: 3 },
  { name: "52-999", first: 52, last: 999, often: 2 },
  { name: "1000 and more", first: 1000, last: 4000, often: 1 },
] as const;

/** The class in {@linkcode sizes} of a number of rows. */
export function sizeOf(rows: number): string {
  return sizes.findLast(({ first }) => rows >= first)!.name;
}

/** A limit for a batch: all sizes alike. */
export function drawLimit(random: Random): number {
  const { first, last } = random.pick(sizes);
  return random.integer(first, last);
}

/** Rows for a file: small numbers more often. */
function drawRows(random: Random): number {
  const { first, last } = random.pick(sizes.flatMap((size) => Array(size.often).fill(size)));
  return random.integer(first, last);
}

/** A folder into which files of all sizes are written while streams read it. */
export class Input {
  readonly rows: InputRow[] = [];
  /** Rows of each file. */
  readonly fileRows: number[] = [];

  constructor(
    readonly folder: string,
    private readonly random: Random,
  ) {
    mkdirSync(folder, { recursive: true });
  }

  /** Writes the next file, which appears at once as a whole. */
  writeFile(): void {
    const file = this.fileRows.length;
    const rows = Array.from({ length: drawRows(this.random) }, (_, row) => ({
      id: `${file}#${row}`,
      payload: `${'"it\'s"\n😀'.repeat(row % 3)} <b>${file * 31 + row}`,
    }));
    const name = `${String(file).padStart(6, "0")}.jsonl`;
    writeFileSync(join(this.folder, `_${name}`), rows.map((row) => JSON.stringify(row)).join("\n"));
    renameSync(join(this.folder, `_${name}`), join(this.folder, name));
    this.fileRows.push(rows.length);
    for (const row of rows) this.rows.push(row);
  }
}
