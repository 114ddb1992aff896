import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { projectPath } from "../../lib/paths.ts";
import { sourceOf } from "../../scripts/notebooks/notebook.ts";
import { assertLinks } from "../links.ts";
import { notebooks } from "./answers.ts";

Deno.test("every exercise is a task, an answer and a check, with nbgrader's metadata", () => {
  for (const [number, { cells }] of notebooks) {
    const graded = cells.filter(({ metadata }) => metadata.nbgrader);
    for (let index = 0; index < graded.length; index += 3) {
      const [task, answer, check] = graded.slice(index, index + 3);
      const id = answer.metadata.nbgrader!.grade_id;
      assert.match(id, new RegExp(`^${number}-[a-z]$`));
      const { points } = check.metadata.nbgrader!;
      const common = {
        schema_version: 3,
        grade: false,
        solution: false,
        locked: true,
        task: false,
      };
      assert.deepEqual(task.metadata.nbgrader, { ...common, grade_id: `${id}-task` });
      assert.deepEqual(
        answer.metadata.nbgrader,
        { ...common, grade_id: id, solution: true, locked: false },
      );
      assert.deepEqual(
        check.metadata.nbgrader,
        { ...common, grade_id: `${id}-check`, grade: true, points },
      );
      assert.deepEqual([task.id, answer.id, check.id], [`${id}-task`, id, `${id}-check`]);
      assert.ok(sourceOf(task).startsWith(`**Exercise ${id}** (${points} points). `), id);
      assert.ok(sourceOf(check).startsWith(`await check("${id}", `), id);
      assert.ok(answer.metadata.jupyter?.source_hidden, `the answer ${id} is folded`);
    }
  }
});

Deno.test("the points are those of the teachers' guide", () => {
  const guide = readFileSync(projectPath("docs/teaching.md"), "utf8");
  let total = 0;
  for (const [number, { cells }] of notebooks) {
    const points = cells.reduce((sum, cell) => sum + (cell.metadata.nbgrader?.points ?? 0), 0);
    const said = guide.match(new RegExp(`\\| ${number} [^|]*\\| +(\\d+) \\|`))?.[1];
    // One without exercises is not in the table.
    assert.equal(points, Number(said ?? 0), `points of ${number}`);
    total += points;
  }
  assert.equal(total, Number(guide.match(/\*\*all\*\* +\| +(\d+) \|/)![1]));
});

Deno.test("parameters are in one cell, the first of each notebook", () => {
  for (const [number, { cells }] of notebooks) {
    const [first, ...others] = cells.filter((cell) => cell.cell_type === "code").map(sourceOf);
    assert.match(first, /^const settings = parameters\(/m, number);
    for (const source of others) assert.doesNotMatch(source, /\bparameters\(/, number);
  }
});

Deno.test("links of the notebooks lead to files and headings that are there", () => {
  for (const [number, { cells }] of notebooks) {
    const text = cells.filter((cell) => cell.cell_type === "markdown").map(sourceOf).join("\n");
    assertLinks(text, projectPath("notebooks"), number);
  }
});
