import assert from "node:assert/strict";
import type { CodeCell, Drawn } from "./code_cell.ts";
import { problemsOf } from "./problems.ts";

const nothing: Drawn = {
  text: "",
  marks: 0,
  clipped: [],
  contrasts: [],
  images: 0,
  rows: 0,
  progress: [],
};

/** A cell that shows one output, drawn as `drawn` says. */
function cell(data: Record<string, unknown>, drawn: Partial<Drawn>, source = "await show(x)") {
  return {
    id: "1",
    source,
    executionCount: 1,
    outputs: [{ output_type: "display_data", data }],
    drawn: [{ ...nothing, ...drawn }],
  } satisfies CodeCell;
}

const table = { "text/html": "<table><thead><tr></tr></thead><tbody><tr></tr></tbody></table>" };
const bar = { "text/html": `<span role="progressbar"></span>` };
const figure = {
  "application/vnd.plotly.v1+json": {
    data: [{ type: "bar", x: [2, 1, 0], y: [0, 1, 2] }],
    layout: { title: { text: "<span>Birds</span>" } },
  },
};
const birds = `await show(barChart({ title: "Birds" }))`;
const drawnFigure = { text: "Birds", marks: 2, contrasts: [15] };

Deno.test("a cell whose outputs are all drawn has no problem", () => {
  assert.deepEqual(problemsOf(cell(table, { text: "1", rows: 1 })), []);
  assert.deepEqual(problemsOf(cell(bar, { text: "birds", progress: [100] })), []);
  assert.deepEqual(problemsOf(cell(figure, drawnFigure, birds)), []);
  assert.deepEqual(problemsOf(cell(figure, drawnFigure, "await show(birdChart())")), []);
  const counted = "await show(barChart({ title: `${kind}` }))";
  assert.deepEqual(problemsOf(cell(figure, drawnFigure, counted)), []);
  assert.deepEqual(problemsOf({ ...cell({}, {}, "const x = 1;"), outputs: [], drawn: [] }), []);
});

Deno.test("each thing that a screen can lack is a problem, with the cell's name", () => {
  const found = (cell: CodeCell) => problemsOf(cell).join("; ");
  const shown = cell(table, { text: "1", rows: 1 });
  assert.equal(found({ ...shown, executionCount: null }), "cell 1 did not run");
  assert.match(found({ ...shown, drawn: [] }), /has 1 outputs, but draws 0/);
  assert.match(found({ ...shown, outputs: [], drawn: [] }), /shows nothing/);
  assert.match(found({ ...shown, source: "const x = 1;" }), /has the output of another cell/);
  const thrown = { output_type: "error", ename: "Error", evalue: "no bird" } as const;
  assert.match(found({ ...shown, outputs: [thrown] }), /throws Error: no bird/);
  const said = { output_type: "stream", name: "stderr", text: "careful" } as const;
  assert.match(found({ ...shown, outputs: [said] }), /says on stderr: careful/);
  assert.match(found(cell(table, { text: "1" })), /draws 0 of 1 rows/);
  assert.match(found(cell({}, {})), /draws an empty output/);
  assert.match(found(cell(bar, { text: "birds", progress: [40] })), /leaves a .* at 40 %/);
  assert.match(found(cell(bar, { text: "birds" })), /does not draw its progress bar/);
  assert.match(found(cell(figure, { ...drawnFigure, marks: 1 }, birds)), /draws 1 of 2 marks/);
  assert.match(found(cell(figure, drawnFigure)), /a figure of another cell \(figure "Birds"\)/);
  assert.match(found(cell(figure, drawnFigure, birds.replace("Birds", "Owls"))), /of another cell/);
  assert.match(found(cell(figure, { ...drawnFigure, clipped: ["owl"] }, birds)), /cuts off owl/);
  assert.match(found(cell(figure, { ...drawnFigure, contrasts: [9, 4.35] }, birds)), /4\.35/);
});
