import { escapeHtml, printable, shorten } from "./escape.ts";

/** A row by column name, as a query returns it. */
export type Row = Record<string, unknown>;

/** A table in the abstract: columns and rows of values in their order. */
export interface Frame {
  columns: string[];
  values: unknown[][];
}

/** How a table is shown. */
export interface TableOptions {
  /** Rows shown at most; a last line tells how many more there are. @default 20 */
  limit?: number;
  /** Characters of a value shown at most; HTML keeps more of it in a tooltip. @default 100 */
  width?: number;
}

/** A table's two representations, for {@linkcode show}. */
export interface Table {
  mimeBundle(): { "text/html": string; "text/plain": string };
}

const tooltipLength = 2_000;
const muted = "color:var(--jp-ui-font-color2,#888)";

/**
 * A table to show, with other limits than `show(rows)` has.
 *
 * @example
 * await show(table(rows, { limit: 50 }));
 */
export function table(rows: object[] | Frame, options: TableOptions = {}): Table {
  const { limit = 20, width = 100 } = options;
  return {
    mimeBundle: () => {
      const count = Array.isArray(rows) ? rows.length : rows.values.length;
      const frame = Array.isArray(rows)
        ? frameOfRows(rows.slice(0, limit) as Row[])
        : { columns: rows.columns, values: rows.values.slice(0, limit) };
      const more = count > limit ? `... and ${(count - limit).toLocaleString("en")} more` : "";
      return {
        "text/html": tableHtml(frame, width, more),
        "text/plain": tableText(frame, width, more),
      };
    },
  };
}

/** The table in a thing, if it is one: an array of plain row objects, or a danfojs DataFrame. */
export function tableIn(thing: unknown): Row[] | Frame | undefined {
  if (Array.isArray(thing)) return thing.length > 0 && thing.every(isRow) ? thing : undefined;
  const { columns, values } = (thing ?? {}) as Partial<Frame>;
  if (!Array.isArray(columns) || !Array.isArray(values)) return undefined;
  return values.every(Array.isArray) ? { columns: columns.map(String), values } : undefined;
}

/** Whether a thing is a plain object, from whatever realm. */
export function isRow(thing: unknown): thing is Row {
  if (typeof thing !== "object" || thing === null) return false;
  const prototype = Object.getPrototypeOf(thing);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

// Rows may come from another realm (a kernel's cell), where `instanceof` says no.
function isDate(thing: unknown): thing is Date {
  return Object.prototype.toString.call(thing) === "[object Date]";
}

function frameOfRows(rows: Row[]): Frame {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return { columns, values: rows.map((row) => columns.map((column) => row[column])) };
}

function tableHtml({ columns, values }: Frame, width: number, more: string): string {
  // A name such as predicted_sentiment_id may break, or the table leaves the page.
  const head = columns.map((name, column) => {
    // Above its numbers.
    const side = values.some((row) => isNumber(row[column])) ? "right" : "left";
    return `<th style="text-align:${side}">${escapeHtml(name).replaceAll("_", "_<wbr>")}</th>`;
  });
  const body = values.map((row) =>
    `<tr>${row.map((value) => cellHtml(value, width)).join("")}</tr>`
  );
  return `<table><thead><tr>${head.join("")}</tr></thead>` +
    `<tbody>${body.join("\n")}</tbody></table>` +
    (more && `<div style="${muted}">${more}</div>`);
}

/** A cell of a table with its CSS: numbers stand at the right unless it says otherwise. */
export function cellHtml(
  value: unknown,
  width: number,
  style = `text-align:${isNumber(value) ? "right" : "left"}`,
): string {
  if (value === null || value === undefined) {
    return `<td style="text-align:left"><i style="${muted}">NULL</i></td>`;
  }
  const text = textOf(value);
  const short = shorten(text, width);
  const title = short === text ? "" : ` title="${escapeHtml(shorten(text, tooltipLength))}"`;
  return `<td style="${style}"${title}>${escapeHtml(short)}</td>`;
}

function tableText({ columns, values }: Frame, width: number, more: string): string {
  const names = columns.map((name) => shorten(printable(name), width));
  const cells = values.map((row) => row.map((value) => shorten(printable(textOf(value)), width)));
  const widths = names.map((name, column) =>
    Math.max(name.length, ...cells.map((row) => row[column].length))
  );
  const lines = [
    names.map((name, column) => name.padEnd(widths[column])),
    widths.map((count) => "-".repeat(count)),
    ...cells.map((row, index) =>
      row.map((cell, column) =>
        isNumber(values[index][column])
          ? cell.padStart(widths[column])
          : cell.padEnd(widths[column])
      )
    ),
  ].map((line) => line.join("  ").trimEnd());
  return (more ? [...lines, more] : lines).join("\n");
}

/** A value as a person reads it; times in UTC. */
function textOf(value: unknown): string {
  if (value === null || value === undefined) return "NULL";
  if (typeof value === "number") return numberText(value);
  if (isDate(value)) {
    return Number.isNaN(value.getTime())
      ? "invalid date"
      : value.toISOString().replace("T", " ").replace(".000Z", "Z");
  }
  if (Array.isArray(value) || isRow(value)) {
    return JSON.stringify(value, (_, part) => typeof part === "bigint" ? String(part) : part);
  }
  // Values of DuckDB's own types (timestamps, decimals, lists) know how they are written.
  return String(value);
}

function isNumber(value: unknown): boolean {
  return typeof value === "number" || typeof value === "bigint";
}

/** Four decimals, or four digits below 1: enough to read, too few to fill the line. */
function numberText(value: number): string {
  if (!Number.isFinite(value) || Number.isInteger(value)) return String(value);
  return String(Number(Math.abs(value) >= 1 ? value.toFixed(4) : value.toPrecision(4)));
}
