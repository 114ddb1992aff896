import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { projectPath } from "../../lib/paths.ts";
import type { Grades } from "../../scripts/teaching/grades.ts";
import { type Cell, notebookText, readNotebook } from "../../scripts/notebooks/notebook.ts";
import { studentEdition } from "../../scripts/teaching/student_edition.ts";
import { withAnswers } from "../teaching/answers.ts";
import { wrongAnswers } from "../teaching/fixtures/wrong_answers.ts";
import { runScript } from "./script.ts";

const utilities = projectPath("notebooks/02_utilities.ipynb");
const bronze = projectPath("notebooks/03_raw_to_bronze.ipynb");
const spark = projectPath("notebooks/13_on_spark.ipynb");

async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Grades notebooks; returns the points by exercise, and what was printed. */
async function grade(
  folder: string,
  notebooks: string[],
  args: string[] = [],
  env: Record<string, string> = {},
) {
  const out = join(folder, "out");
  const end = await runScript("grade", [...notebooks, "--json", "--out", out, ...args], env);
  const grades: Grades | undefined = end.stdout ? JSON.parse(end.stdout) : undefined;
  const exercises = grades?.sections.flatMap((section) => section.exercises) ?? [];
  return {
    ...end,
    grades: grades!,
    points: Object.fromEntries(exercises.map(({ exercise, points }) => [exercise, points])),
    verdicts: Object.fromEntries(exercises.map(({ exercise, verdict }) => [exercise, verdict])),
  };
}

Deno.test("the teacher's edition has all points, whatever the teacher's own settings are", () =>
  withFolder(async (folder) => {
    // With this one, the notebooks do not run.
    const env = { BIRDSONG_ENGINE: "sc://127.0.0.1:9" };
    const { code, grades, points } = await grade(folder, [utilities, bronze, spark], [], env);
    assert.equal(code, 0);
    assert.deepEqual(points, {
      "02-a": 2,
      "02-b": 3,
      "03-a": 4,
      "03-b": 3,
      "03-c": 3,
      "13-a": 2,
      "13-b": 3,
    });
    assert.deepEqual([grades.points, grades.of], [20, 20]);
    assert.deepEqual(
      grades.sections.map(({ title, points, of }) => [title, points, of]),
      [["02 Utilities", 5, 5], ["03 Raw to bronze", 10, 10], ["13 On Spark", 5, 5]],
    );
  }));

Deno.test("the student edition has none, and runs to its end", () =>
  withFolder(async (folder) => {
    const path = join(folder, basename(bronze));
    writeFileSync(path, notebookText(studentEdition(readNotebook(bronze))));
    const { code, grades, verdicts } = await grade(folder, [path]);
    assert.equal(code, 3);
    assert.deepEqual([grades.points, grades.of], [0, 10]);
    const open = "not solved yet";
    assert.deepEqual(verdicts, { "03-a": open, "03-b": open, "03-c": open });
  }));

/** A cell of a student's own. */
const own = (source: string): Cell => ({ cell_type: "code", metadata: {}, source, outputs: [] });

for (const kernel of ["deno", "tslab"]) {
  Deno.test(`wrong answers lose their own points only, on ${kernel}`, () =>
    withFolder(async (folder) => {
      const right = readNotebook(bronze);
      const cells = withAnswers(right, { "03-b": wrongAnswers["03-b"] }).cells.flatMap((cell) => {
        // A helper that an answer needs, and an answer that is no program.
        if (cell.id === "03-a") return [own("const nothing = () => 0;"), cell];
        if (cell.id === "03-c") return [{ ...cell, source: "const corruptFiles = async (;" }];
        return [cell];
      });
      // Checks that say right whatever they are given, and practice that is none.
      const first = cells.findIndex((cell) => cell.cell_type === "code");
      cells.splice(first + 1, 0, own(`const check = async (exercise) => console.log(exercise);`));
      cells.splice(first + 1, 0, own(`const practice = async () => {};`));
      const path = join(folder, basename(bronze));
      writeFileSync(path, notebookText({ ...right, cells }));
      const { code, points, verdicts } = await grade(folder, [path], ["--kernel", kernel]);
      assert.equal(code, 3);
      assert.deepEqual(points, { "03-a": 4, "03-b": 0, "03-c": 0 });
      assert.match(verdicts["03-b"], /the fields of three tweets: the row .* is missing/);
      const reason = kernel === "deno" ? /corruptFiles is not defined/ : /Cannot find name 'async'/;
      assert.match(verdicts["03-c"], reason);
    }));
}

Deno.test("what is no notebook of the project, or one twice, is refused", () =>
  withFolder(async (folder) => {
    const path = join(folder, "homework.ipynb");
    writeFileSync(path, notebookText(readNotebook(utilities)));
    const { code, stderr } = await grade(folder, [path]);
    assert.equal(code, 1);
    assert.match(stderr, /homework\.ipynb is none of the project's notebooks/);
    const [ann, bob] = ["ann", "bob"].map((student) => {
      mkdirSync(join(folder, student));
      const copy = join(folder, student, basename(utilities));
      copyFileSync(utilities, copy);
      return copy;
    });
    const twice = await grade(folder, [ann, bob]);
    assert.equal(twice.code, 1);
    assert.match(twice.stderr, /ann\S+ and \S+bob\S+ have one name, so that only one/);
    const missing = await grade(folder, [join(folder, "nowhere")]);
    assert.equal(missing.code, 2);
    assert.match(missing.stderr, /there is no .*nowhere/);
  }));
