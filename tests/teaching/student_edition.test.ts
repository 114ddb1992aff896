import assert from "node:assert/strict";
import { sourceOf } from "../../scripts/notebooks/notebook.ts";
import type { Cell, GradeMetadata, Notebook } from "../../scripts/notebooks/notebook.ts";
import { studentEdition } from "../../scripts/teaching/student_edition.ts";
import { notebooks } from "./answers.ts";

function graded(id: string, more: Partial<GradeMetadata>): GradeMetadata {
  return {
    ...{ grade_id: id, schema_version: 3, grade: false, solution: false, locked: false },
    ...{ task: false, ...more },
  };
}

function notebookOf(...cells: Cell[]): Notebook {
  return { cells, metadata: {}, nbformat: 4, nbformat_minor: 5 };
}

Deno.test("an answer becomes a stub that throws, where it stood and as deep", () => {
  const source = [
    "const f = () => {",
    "  // BEGIN SOLUTION",
    "  const $ = 1; // $& $1",
    "  return $;",
    "  // END SOLUTION",
    "};\n",
  ];
  const [cell] = studentEdition(notebookOf({
    cell_type: "code",
    metadata: { jupyter: { source_hidden: true }, nbgrader: graded("a", { solution: true }) },
    source: source.map((line, index) => index < 5 ? `${line}\n` : line),
    outputs: [{ output_type: "stream", text: "the answer" }],
    execution_count: 3,
  })).cells;
  assert.equal(
    sourceOf(cell),
    'const f = () => {\n  // YOUR CODE HERE\n  throw new Error("not solved yet");\n};\n',
  );
  assert.deepEqual(cell.metadata.jupyter, undefined, "it is not folded");
  assert.deepEqual([cell.outputs, cell.execution_count], [[], null]);
});

Deno.test("an answer whose lines are not marked is not given away", () => {
  const notebook = notebookOf({
    cell_type: "code",
    metadata: { nbgrader: graded("04-a", { solution: true }) },
    source: "const f = () => 1;",
  });
  assert.throws(() => studentEdition(notebook), /04-a has no lines "\/\/ BEGIN SOLUTION"/);
});

Deno.test("a mark that has lost its counterpart gives nothing away", () => {
  const check = { nbgrader: graded("04-a-check", { grade: true, locked: true }) };
  const cells: [Cell["cell_type"], Cell["metadata"], string, string][] = [
    ["code", check, "open();\n// BEGIN HIDDEN TESTS\nhidden();", "BEGIN HIDDEN TESTS"],
    ["code", check, "hidden();\n// END HIDDEN TESTS", "END HIDDEN TESTS"],
    ["markdown", {}, "<!-- BEGIN TEACHER -->\nsecret\n<!-- END TEACHERS -->", "BEGIN TEACHER"],
  ];
  for (const [cell_type, metadata, source, mark] of cells) {
    assert.throws(
      () => studentEdition(notebookOf({ id: "x", cell_type, metadata, source })),
      new RegExp(`the cell x has "${mark}" without its counterpart`),
    );
  }
});

Deno.test("a check keeps its open tests, is locked, and lets Run All go on", () => {
  const [cell] = studentEdition(notebookOf({
    cell_type: "code",
    metadata: { tags: ["mine"], nbgrader: graded("a-check", { grade: true, locked: true }) },
    source: "open();\n// BEGIN HIDDEN TESTS\nhidden();\n// END HIDDEN TESTS\nlast();",
  })).cells;
  assert.equal(sourceOf(cell), "open();\nlast();");
  const { tags, editable, deletable } = cell.metadata;
  assert.deepEqual([tags, editable, deletable], [["mine", "raises-exception"], false, false]);
});

Deno.test("text for teachers is left out, all other text stays", () => {
  const [cell] = studentEdition(notebookOf({
    cell_type: "markdown",
    metadata: {},
    source: "before\n\n<!-- BEGIN TEACHER -->\n\nsecret\n\n<!-- END TEACHER -->\n",
  })).cells;
  assert.equal(sourceOf(cell), "before");
});

Deno.test("nothing of an answer is left in the project's student edition", () => {
  for (const [number, notebook] of notebooks) {
    const text = studentEdition(notebook).cells.map(sourceOf).join("\n");
    assert.doesNotMatch(text, /(BEGIN|END) (SOLUTION|HIDDEN|TEACHER)/, number);
    for (const cell of notebook.cells.filter(({ metadata }) => metadata.nbgrader?.solution)) {
      const answer = sourceOf(cell).match(/BEGIN SOLUTION\n([^]*?)\n *\/\/ END SOLUTION/)![1];
      assert.ok(!text.includes(answer), cell.id);
    }
  }
});
