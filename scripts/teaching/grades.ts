import { type Verdict, verdictType } from "../../lib/teaching/check.ts";
import { formatTable, printable } from "../command/table.ts";
import type { Notebook, Output } from "../notebooks/notebook.ts";

/** What an exercise has given. */
export interface ExerciseGrade {
  /** Such as `04-a`. */
  exercise: string;
  points: number;
  /** Points of a right answer. */
  of: number;
  /** `right`, or what is wrong. */
  verdict: string;
}

/** What the exercises of a notebook have given. */
export interface SectionGrade {
  notebook: string;
  title: string;
  points: number;
  of: number;
  exercises: ExerciseGrade[];
}

/** The grades of some notebooks. */
export interface Grades {
  points: number;
  of: number;
  sections: SectionGrade[];
}

/**
 * The grades of one executed notebook.
 *
 * @param teacher The edition that says what there is to solve, and for how many points.
 * @param executed The copy that was run; undefined where there is none.
 * @param failure Why the run ended early; undefined where it went to the end.
 */
export function gradesOf(
  teacher: Notebook,
  executed: Notebook | undefined,
  failure: string | undefined,
): ExerciseGrade[] {
  return teacher.cells.filter((cell) => cell.metadata.nbgrader?.grade).map((check) => {
    const { grade_id, points: of = 0 } = check.metadata.nbgrader!;
    const exercise = grade_id.replace(/-check$/, "");
    const outputsOf = (id: string | undefined) =>
      executed?.cells.find((cell) => cell.id === id)?.outputs ?? [];
    const answer = teacher.cells.find(({ metadata }) => metadata.nbgrader?.grade_id === exercise);
    const outputs = outputsOf(check.id);
    const verdict = verdictIn(outputs, exercise);
    const right = verdict?.state === "right" && !outputs.some(isError);
    const reason = verdict?.reason || errorIn(outputsOf(answer?.id)) || errorIn(outputs) ||
      (failure ? `not run: ${failure}` : "no verdict: its cell, or the answer's, does not run");
    return { exercise, points: right ? of : 0, of, verdict: right ? "right" : reason };
  });
}

/** The grades of notebooks together. */
export function totalOf(sections: SectionGrade[]): Grades {
  return { points: sum(sections, "points"), of: sum(sections, "of"), sections };
}

/** The points of some exercises or sections. */
export function sum(parts: { points: number; of: number }[], figure: "points" | "of"): number {
  return parts.reduce((total, part) => total + part[figure], 0);
}

/** The rubric for the terminal: every exercise under its section, and the total. */
export function rubric({ points, of, sections }: Grades): string {
  const rows = sections.flatMap((section) => [
    [section.title, String(section.points), String(section.of), ""],
    ...section.exercises.map((exercise) => [
      `  ${exercise.exercise}`,
      String(exercise.points),
      String(exercise.of),
      shorten(printable(exercise.verdict)),
    ]),
  ]);
  const total = ["total", String(points), String(of), ""];
  return formatTable(["exercise", "points", "of", "verdict"], [...rows, total]);
}

function verdictIn(outputs: Output[], exercise: string): Verdict | undefined {
  const verdicts = outputs.flatMap(({ data }) => (data?.[verdictType] ?? []) as Verdict);
  return verdicts.find((verdict) => verdict.exercise === exercise);
}

function isError(output: Output): boolean {
  return output.output_type === "error";
}

/** The first line of what a cell that threw says; tslab writes that as text. */
function errorIn(outputs: Output[]): string {
  const error = outputs.find(isError);
  const text = error
    ? `${error.ename}: ${error.evalue}`
    : outputs.flatMap(({ text }) => text ?? []).join("");
  return text.trim().split("\n")[0];
}

function shorten(text: string): string {
  return text.length <= 100 ? text : `${text.slice(0, 99).toWellFormed()}…`;
}
