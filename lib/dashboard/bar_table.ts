import type { BarRow } from "../charts/bar.ts";
import { formatNumber, oneLine } from "../charts/label.ts";
import { escapeHtml } from "../notebook/escape.ts";

/** A bar chart of the dashboard. */
export interface BarTableOptions {
  title: string;
  /** What the labels are, such as `User`. */
  labelTitle: string;
  /** What the values are, such as `Tweets`. */
  valueTitle: string;
  rows: readonly BarRow[];
  /** What the colour stands for. */
  colour: "plain" | "positive" | "negative";
}

/**
 * A bar chart as an HTML table: a name, a bar and its value in each row.
 *
 * Not a plotly figure, because this one follows the page's theme and width, is read row by row by a
 * screen reader, and takes 2 kB instead of megabytes of script.
 */
export function barTable(options: BarTableOptions): string {
  const { title, labelTitle, valueTitle, rows, colour } = options;
  const longest = Math.max(...rows.map(({ value }) => value));
  const body = rows.map(({ label, value }) => {
    const name = escapeHtml(oneLine(label, 100));
    const width = (100 * value / longest).toFixed(2);
    // A bar's length is an attribute of SVG: the page's policy forbids styles in attributes.
    return `<tr><th scope="row" title="${name}"><bdi>${name}</bdi></th>` +
      `<td><svg aria-hidden="true"><rect width="${width}%" height="100%"/></svg></td>` +
      `<td>${formatNumber(value)}</td></tr>`;
  });
  if (rows.length === 0) body.push('<tr><td colspan="3">No rows yet</td></tr>');
  return `<div><table class="bars ${colour}">
<caption>${escapeHtml(title)}</caption>
<thead><tr><th scope="col">${escapeHtml(labelTitle)}</th><td></td>` +
    `<th scope="col">${escapeHtml(valueTitle)}</th></tr></thead>
<tbody>
${body.join("\n")}
</tbody>
</table></div>`;
}
