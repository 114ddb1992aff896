import { type Cell, type Notebook, sourceOf, withSource } from "../notebooks/notebook.ts";
import { mayThrow } from "./student_edition.ts";

/**
 * The notebook that is run to grade a student: the teacher's, with the student's answers and, where
 * they stood, the student's own cells. Whatever else a student has changed is not looked at: checks
 * come from the teacher's edition.
 */
export function gradedNotebook(teacher: Notebook, student: Notebook): Notebook {
  const answers = new Map<string, Cell>();
  for (const cell of student.cells) {
    const grade = cell.metadata.nbgrader;
    if (grade?.solution && !answers.has(grade.grade_id)) answers.set(grade.grade_id, cell);
  }
  const own = ownCells(teacher, student, new Set(answers.values()));
  const imports = importsOf(teacher);
  const cells = teacher.cells.flatMap((cell) => [
    gradedCell(cell, answers, imports),
    ...own.get(cell) ?? [],
  ]);
  return { ...teacher, cells: [...own.get(undefined) ?? [], ...cells] };
}

/** The teacher's notebook without its exercises: what later notebooks build on. */
export function withoutExercises(teacher: Notebook): Notebook {
  return { ...teacher, cells: teacher.cells.filter((cell) => !cell.metadata.nbgrader) };
}

/** How the teacher's notebook gets what its checks use. */
function importsOf(teacher: Notebook): string {
  const code = teacher.cells.filter((cell) => cell.cell_type === "code").map(sourceOf).join("\n");
  return code.match(/^import [^]*? from "birdsong";$/m)?.[0] ?? "";
}

function gradedCell(cell: Cell, answers: Map<string, Cell>, imports: string): Cell {
  const grade = cell.metadata.nbgrader;
  if (grade?.solution) {
    const answer = answers.get(grade.grade_id);
    return goesOn(withSource(cell, answer ? sourceOf(answer) : "// no answer"));
  }
  if (!grade?.grade) return cell;
  // A cell of the student's may have given `check`, or what it uses, another meaning.
  return goesOn(withSource(cell, `${imports}\n${sourceOf(cell)}`));
}

/** The student's own code cells, by the teacher's cell that they stand behind. */
function ownCells(
  teacher: Notebook,
  student: Notebook,
  answers: Set<Cell>,
): Map<Cell | undefined, Cell[]> {
  const byId = new Map(teacher.cells.map((cell) => [cell.id, cell]));
  const byGradeId = new Map(teacher.cells.map((cell) => [cell.metadata.nbgrader?.grade_id, cell]));
  const bySource = new Map(teacher.cells.map((cell) => [sourceOf(cell).trim(), cell]));
  const own = new Map<Cell | undefined, Cell[]>();
  let before: Cell | undefined;
  for (const cell of student.cells) {
    const { id, metadata: { nbgrader } } = cell;
    // A copy of an answer has its metadata, too; it runs behind it, as it did for the student.
    const copied = nbgrader?.solution && !answers.has(cell);
    // Some editors give cells new ids; then its role or its text says which cell it is.
    const known = (nbgrader && byGradeId.get(nbgrader.grade_id)) ??
      (id ? byId.get(id) : undefined) ??
      bySource.get(sourceOf(cell).trim());
    if (known && !copied) before = known;
    else if (cell.cell_type === "code") {
      const { id: _, ...rest } = cell;
      const number = [...own.values()].flat().length + 1;
      const copy = { ...goesOn(rest), id: `own-${number}`, metadata: { tags: [mayThrow] } };
      own.set(before, [...own.get(before) ?? [], copy]);
    }
  }
  return own;
}

function goesOn<C extends Cell>(cell: C): C {
  return { ...cell, metadata: { ...cell.metadata, tags: [...cell.metadata.tags ?? [], mayThrow] } };
}
