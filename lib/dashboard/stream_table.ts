import { formatNumber, oneLine } from "../charts/label.ts";
import { escapeHtml } from "../notebook/escape.ts";
import type { StreamStatus } from "./streams.ts";
import { timeElement } from "./time_element.ts";

const columns = ["Stream", "State", "Batch", "Begun", "Rows", "Rows/s"];

/** The streams as an HTML table; the last three columns are about the last committed batch. */
export function streamTable(streams: readonly StreamStatus[]): string {
  const body = streams.map(({ name, state, error, lastBatch }) => {
    const cells = lastBatch
      ? [
        formatNumber(lastBatch.id),
        timeElement(new Date(lastBatch.startedAt)),
        formatNumber(lastBatch.rows),
        formatNumber(Math.round(lastBatch.rowsPerSecond)),
      ]
      : ["–", "–", "–", "–"];
    return `<tr><th scope="row">${escapeHtml(oneLine(name, 100))}</th>` +
      `<td class="${state}">${state}${error === null ? "" : errorText(error)}</td>` +
      cells.map((cell) => `<td>${cell}</td>`).join("") + "</tr>";
  });
  if (streams.length === 0) body.push('<tr><td colspan="6">No stream has run yet</td></tr>');
  return `<table class="streams">
<caption>Streams and their last batch</caption>
<thead><tr>${columns.map((name) => `<th scope="col">${name}</th>`).join("")}</tr></thead>
<tbody>
${body.join("\n")}
</tbody>
</table>`;
}

function errorText(error: string): string {
  return `<small>${escapeHtml(oneLine(error, 200))}</small>`;
}
