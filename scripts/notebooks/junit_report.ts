import type { NotebookResult } from "./run_notebooks.ts";

/**
 * A run as JUnit XML: one test case per notebook, with its seconds. A failure quotes the cell; a
 * notebook that was not run is skipped.
 */
export function junitReport(results: NotebookResult[]): string {
  const count = (state: NotebookResult["state"]) =>
    results.filter((result) => result.state === state).length;
  const seconds = results.reduce((sum, result) => sum + result.seconds, 0);
  const totals = `tests="${results.length}" failures="${count("failed")}" errors="0" ` +
    `skipped="${count("not run")}" time="${seconds.toFixed(3)}"`;
  return [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    `<testsuites ${totals}>`,
    `  <testsuite name="birdsong.notebooks" ${totals}>`,
    ...results.map(testCase),
    `  </testsuite>`,
    `</testsuites>`,
    "",
  ].join("\n");
}

function testCase({ notebook, state, seconds, failure }: NotebookResult): string {
  const start = `    <testcase classname="birdsong.notebooks" name="${escapeXml(notebook)}" ` +
    `time="${seconds.toFixed(3)}"`;
  if (state === "not run") {
    return `${start}><skipped message="an earlier notebook failed"/></testcase>`;
  }
  if (!failure) return `${start}/>`;
  const where = failure.cell === null ? "before the first cell" : `cell [${failure.cell}]`;
  const [firstLine] = failure.error.split("\n");
  const text = failure.source ? `${failure.source}\n\n${failure.error}` : failure.error;
  return `${start}><failure message="${escapeXml(`${where}: ${firstLine}`)}">` +
    `${escapeXml(text)}</failure></testcase>`;
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Text for an element or an attribute. What XML cannot hold at all becomes U+FFFD. */
function escapeXml(text: string): string {
  return text.toWellFormed()
    // deno-lint-ignore no-control-regex -- control characters are what this is about
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
    .replace(/[&<>"]/g, (character) => entities[character]);
}
