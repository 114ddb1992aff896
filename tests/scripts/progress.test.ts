import assert from "node:assert/strict";
import { NotebookProgress } from "../../scripts/notebooks/progress.ts";
import type { NotebookEvent } from "../../scripts/notebooks/run_notebooks.ts";

const notebook = "03_raw_to_bronze.ipynb";
const eraseLine = "\r\x1b[K";
const events: NotebookEvent[] = [
  { event: "notebook", notebook, cells: 12 },
  { event: "cell", notebook, cell: 1, cells: 12, seconds: 0.5 },
  { event: "cell", notebook, cell: 2, cells: 12, seconds: 0.9 },
  { event: "passed", notebook, seconds: 21.04 },
];

function written(stream: { isTTY: boolean; columns?: number }): string {
  let text = "";
  const progress = new NotebookProgress({ ...stream, write: (part) => text += part });
  for (const event of events) progress.take(event);
  progress.stop();
  return text;
}

Deno.test("progress on a terminal stays in one line and leaves a line for the notebook", () => {
  const text = written({ isTTY: true, columns: 80 });
  const parts = text.split(eraseLine);
  assert.ok(parts.includes(`${notebook}: cell 2 of 12, 0 s`));
  assert.ok(parts.includes(`${notebook}: passed in 21.0 s\n`));
  assert.equal(text.split("\n").length, 2);
});

Deno.test("progress never wraps on a narrow terminal", () => {
  const lines = written({ isTTY: true, columns: 20 }).split(eraseLine);
  const inPlace = lines.filter((line) => !line.endsWith("\n"));
  assert.ok(inPlace.length >= 3);
  assert.ok(inPlace.every((line) => line.length < 20));
});

Deno.test("progress in a log is plain lines without control characters", () => {
  assert.equal(
    written({ isTTY: false }),
    `${notebook}: starting, 0 s\n${notebook}: passed in 21.0 s\n`,
  );
});
