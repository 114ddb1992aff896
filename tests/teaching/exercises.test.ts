import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { projectPath } from "../../lib/paths.ts";
import { studentEdition } from "../../scripts/teaching/student_edition.ts";
import { exercises, notebooks, verdictsOf, withAnswers } from "./answers.ts";
import { otherAnswers } from "./fixtures/other_answers.ts";
import { wrongAnswers } from "./fixtures/wrong_answers.ts";

/** Runs a test with a folder inside the project, where modules find the library by its name. */
async function inProject(test: (folder: string) => Promise<void>): Promise<void> {
  mkdirSync(projectPath("output"), { recursive: true });
  const folder = await Deno.makeTempDir({ dir: projectPath("output"), prefix: "exercises-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("there is a wrong and another right answer for every exercise to be tested with", () => {
  assert.deepEqual(Object.keys(wrongAnswers), exercises);
  assert.deepEqual(Object.keys(otherAnswers), exercises);
});

for (const [number, notebook] of notebooks) {
  const ids = exercises.filter((exercise) => exercise.startsWith(number));
  if (ids.length === 0) continue;

  Deno.test(`every check of notebook ${number} tells right answers from a wrong and a missing one`, () =>
    inProject(async (folder) => {
      const right = await verdictsOf(number, notebook, folder);
      assert.deepEqual(right, Object.fromEntries(ids.map((id) => [id, ""])));

      const other = await verdictsOf(number, withAnswers(notebook, otherAnswers), folder);
      assert.deepEqual(other, right);

      const wrong = await verdictsOf(number, withAnswers(notebook, wrongAnswers), folder);
      for (const id of ids) {
        assert.match(wrong[id], new RegExp(`^${id}: `), `${id} takes the wrong answer for right`);
        assert.doesNotMatch(wrong[id], /ReferenceError|SyntaxError|TypeError/, id);
      }

      const open = await verdictsOf(number, studentEdition(notebook), folder);
      assert.deepEqual(open, Object.fromEntries(ids.map((id) => [id, `${id}: not solved yet`])));
    }));
}
