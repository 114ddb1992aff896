/**
 * A table for the terminal: two spaces between columns, columns of numbers to the right.
 *
 * @example
 * ```ts
 * formatTable(["notebook", "seconds"], [["00_run_me_first", "1.5"]]);
 * // notebook         seconds
 * // 00_run_me_first      1.5
 * ```
 */
export function formatTable(header: string[], rows: string[][]): string {
  const cells = [header, ...rows];
  const widths = header.map((_, column) =>
    cells.reduce((width, row) => Math.max(width, row[column].length), 0)
  );
  const toTheRight = header.map((_, column) =>
    rows.every((row) => /^[+-]?[\d.]+$/.test(row[column]))
  );
  return cells
    .map((row) =>
      row
        .map((text, column) =>
          toTheRight[column] ? text.padStart(widths[column]) : text.padEnd(widths[column])
        )
        .join("  ")
        .trimEnd()
    )
    .join("\n");
}

/** Text on one line, without what a terminal would obey: escapes, marks that reverse the writing. */
export function printable(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]+/g, " ");
}
