import assert from "node:assert/strict";
import { type Verdict, verdictType } from "../../lib/teaching/check.ts";
import { gradesOf, rubric, totalOf } from "../../scripts/teaching/grades.ts";
import type { Cell, Notebook, Output } from "../../scripts/notebooks/notebook.ts";

const parts = { schema_version: 3, task: false, locked: false } as const;

/** A notebook of one exercise for three points, with these outputs of answer and check. */
function notebookOf(answer: Output[], check: Output[]): Notebook {
  const cell = (id: string, grade: boolean, outputs: Output[]): Cell => ({
    cell_type: "code",
    id,
    metadata: {
      nbgrader: { ...parts, grade_id: id, grade, solution: !grade, points: grade ? 3 : undefined },
    },
    source: "",
    outputs,
  });
  const cells = [cell("04-a", false, answer), cell("04-a-check", true, check)];
  return { cells, metadata: {}, nbformat: 4, nbformat_minor: 5 };
}

function said(verdict: Verdict): Output {
  return { output_type: "display_data", data: { [verdictType]: verdict } };
}

const right = said({ exercise: "04-a", state: "right", reason: "" });
const nothing = "no verdict: its cell, or the answer's, does not run";
const thrown: Output = { output_type: "error", ename: "TypeError", evalue: "no function\nat x" };

function gradeOf(answer: Output[], check: Output[], failure?: string) {
  const [grade] = gradesOf(notebookOf([], []), notebookOf(answer, check), failure);
  return [grade.points, grade.verdict];
}

Deno.test("a right verdict gives the points", () => {
  assert.deepEqual(gradeOf([], [right]), [3, "right"]);
});

Deno.test("nothing else gives points, and it is said why", () => {
  const wrong = said({ exercise: "04-a", state: "wrong", reason: "too many" });
  const syntax: Output = { output_type: "stream", text: ["1:1 - ')' expected.\n", "more"] };
  const cases: [answer: Output[], check: Output[], reason: string][] = [
    [[], [wrong, thrown], "too many"],
    [[], [right, thrown], "TypeError: no function"],
    [[], [said({ exercise: "04-b", state: "right", reason: "" })], nothing],
    [[right], [], nothing],
    [[syntax], [], "1:1 - ')' expected."],
    [[], [], nothing],
  ];
  for (const [answer, check, reason] of cases) {
    assert.deepEqual(gradeOf(answer, check), [0, reason]);
  }
  assert.deepEqual(gradeOf([], [], "cell [3] failed"), [0, "not run: cell [3] failed"]);
  assert.deepEqual(gradesOf(notebookOf([], []), undefined, "no kernel"), [
    { exercise: "04-a", points: 0, of: 3, verdict: "not run: no kernel" },
  ]);
});

Deno.test("the rubric has every exercise under its section, and the total", () => {
  const verdict = `a\nlong \u001b[31mverdict ${"x".repeat(200)}`;
  const exercises = [
    { exercise: "04-a", points: 3, of: 3, verdict: "right" },
    { exercise: "04-b", points: 0, of: 5, verdict },
  ];
  const section = { notebook: "04.ipynb", title: "04 Silver", points: 3, of: 8, exercises };
  const lines = rubric(totalOf([section, { ...section, exercises: [] }])).split("\n");
  assert.deepEqual(lines.map((line) => line.slice(0, 26).trimEnd()), [
    "exercise   points  of  ver",
    "04 Silver       3   8",
    "  04-a          3   3  rig",
    "  04-b          0   5  a l",
    "04 Silver       3   8",
    "total           6  16",
  ]);
  assert.ok(lines.every((line) => line.length < 130 && !line.includes("\u001b")));
});
