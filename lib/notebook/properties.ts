import { escapeHtml } from "./escape.ts";
import { cellHtml, isRow, type Row, table } from "./table.ts";

/** Characters of a value shown at most. */
const maxWidth = 200;
// What has no spaces, such as JSON and paths, would leave the page.
const cellStyle = "text-align:left;overflow-wrap:anywhere";

/**
 * A plain object, such as the settings, as a table with a row for each property. Where each property
 * is a plain object itself, their properties are the columns.
 */
export function properties(object: Row): { "text/html": string } {
  const entries = Object.entries(object);
  if (entries.length > 0 && entries.every(([, value]) => isRow(value))) {
    const rows = entries.map(([name, value]) => ({ name, ...value as Row }));
    return { "text/html": table(rows, { limit: rows.length }).mimeBundle()["text/html"] };
  }
  const rows = entries.map(([name, value]) =>
    `<tr><th style="text-align:left">${escapeHtml(name)}</th>` +
    `${cellHtml(value, maxWidth, cellStyle)}</tr>`
  );
  return { "text/html": `<table><tbody>${rows.join("\n")}</tbody></table>` };
}
