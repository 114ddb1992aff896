import assert from "node:assert/strict";
import {
  type Cell,
  type Notebook,
  readNotebook,
  sourceOf,
} from "../../scripts/notebooks/notebook.ts";
import { gradedNotebook, withoutExercises } from "../../scripts/teaching/graded_notebook.ts";
import { studentEdition } from "../../scripts/teaching/student_edition.ts";
import { notebooks } from "./answers.ts";

const teacher = notebooks.get("04")!;

/** The student edition of 04, changed. */
function student(change: (cells: Cell[]) => Cell[]): Notebook {
  const edition = structuredClone(studentEdition(teacher));
  return { ...edition, cells: change(edition.cells) };
}

function code(source: string, id?: string): Cell {
  return { cell_type: "code", id, metadata: {}, source, outputs: [], execution_count: null };
}

function sources({ cells }: Notebook): string[] {
  return cells.filter((cell) => cell.cell_type === "code").map(sourceOf);
}

const answer = "const hashtagsOf = (text: string) => helper(text);";

Deno.test("a student's answer and own cells stand in the teacher's notebook", () => {
  const graded = gradedNotebook(
    teacher,
    student((cells) =>
      cells.flatMap((cell) =>
        cell.id === "04-a"
          ? [code("const helper = () => [];", "mine"), { ...cell, source: [answer] }]
          : [cell]
      )
    ),
  );
  const found = sources(graded);
  assert.ok(found.indexOf(answer) > found.indexOf("const helper = () => [];"));
  assert.ok(found.includes("const helper = () => [];"));
  assert.equal(found.length, sources(teacher).length + 1);
  const ids = graded.cells.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length, "ids are unique");
});

Deno.test("what a student has done to checks and other cells does not count", () => {
  const tampered = student((cells) =>
    cells.flatMap((cell) => {
      if (cell.id === "04-a-check") return [];
      if (cell.id === "04-b-check") return [{ ...cell, source: "// right!" }];
      if (cell.id === "04-06") return [{ ...cell, source: "// no stream" }];
      return [cell];
    })
  );
  const untouched = gradedNotebook(teacher, student((cells) => cells));
  assert.deepEqual(gradedNotebook(teacher, tampered), untouched);
  const check = untouched.cells.find(({ id }) => id === "04-b-check")!;
  assert.match(
    sourceOf(check),
    /^import \{[^}]*check,[^}]*practice,[^}]*\} from "birdsong";\nawait/,
  );
});

Deno.test("an editor that gives cells new ids, or none, loses no answer", () => {
  for (const id of [() => undefined, () => crypto.randomUUID()]) {
    const edited = student((cells) =>
      cells.map((cell) => ({
        ...cell,
        id: id(),
        source: cell.id === "04-a" ? answer : sourceOf(cell),
      }))
    );
    const graded = gradedNotebook(teacher, edited);
    assert.equal(graded.cells.length, teacher.cells.length);
    assert.ok(sources(graded).includes(answer));
  }
});

Deno.test("a copy of an answer's cell runs behind it, and does not replace it", () => {
  const graded = gradedNotebook(
    teacher,
    student((cells) =>
      cells.flatMap((cell) =>
        cell.id === "04-a"
          ? [{ ...cell, source: answer }, { ...cell, id: "copy", source: "const notes = 1;" }]
          : [cell]
      )
    ),
  );
  const found = sources(graded);
  assert.equal(found[found.indexOf(answer) + 1], "const notes = 1;");
  assert.equal(found.length, sources(teacher).length + 1);
});

Deno.test("a file that only looks like a notebook is none", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/02.ipynb`;
  for (const cells of [[null], [{}], [{ metadata: {} }], [{ metadata: null, source: "" }], {}]) {
    await Deno.writeTextFile(path, JSON.stringify({ cells, nbformat: 4 }));
    assert.throws(() => readNotebook(path), /02\.ipynb is no notebook of nbformat 4/);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("an answer whose cell is gone is no answer", () => {
  const graded = gradedNotebook(
    teacher,
    student((cells) => cells.filter(({ id }) => id !== "04-a")),
  );
  assert.equal(sourceOf(graded.cells.find(({ id }) => id === "04-a")!), "// no answer");
});

Deno.test("without exercises, the pipeline's cells are left", () => {
  const { cells } = withoutExercises(teacher);
  assert.ok(cells.some(({ id }) => id === "04-06"));
  assert.ok(!cells.some(({ metadata }) => metadata.nbgrader));
});
