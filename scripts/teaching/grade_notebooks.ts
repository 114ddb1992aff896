import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { BirdsongError } from "../../lib/errors.ts";
import { stopMlflowServer } from "../../lib/mlflow/server.ts";
import type { Kernel } from "../../lib/notebook/kernel.ts";
import { projectPath } from "../../lib/paths.ts";
import { settingDefinitions } from "../../lib/settings.ts";
import { makeSample } from "../../lib/tweets/sample/ensure_source.ts";
import { notebookFiles } from "../notebooks/notebook_files.ts";
import { type NotebookEvent, runNotebooks } from "../notebooks/run_notebooks.ts";
import { gradedNotebook, withoutExercises } from "./graded_notebook.ts";
import { type Grades, gradesOf, type SectionGrade, sum, totalOf } from "./grades.ts";
import { type Notebook, notebookText, readNotebook, titleOf } from "../notebooks/notebook.ts";

/** The notebooks that make what a notebook needs; they are run first, as the teacher has them. */
const makers: Record<string, string[]> = {
  "04": ["03"],
  "05": ["00", "03", "04"],
  "06": ["00"],
  "07": ["03", "04"],
  "08": ["00", "03", "04", "05"],
  "09": ["00", "03", "04", "05"],
  "10": ["03", "04"],
  "11": ["00", "03", "04", "05", "09"],
  "12": ["00", "03", "04", "05", "09"],
};

/** What to grade, and how. */
export interface GradeOptions {
  /** The student's notebooks, named as the teacher's. */
  notebooks: string[];
  kernel: Kernel;
  /** Folder of the executed copies. */
  out: string;
  /** Seconds that one notebook may take. */
  timeout: number;
  onEvent?(event: NotebookEvent): void;
}

/**
 * Runs a student's answers in the teacher's notebooks, on tweets, tables and an MLflow server of
 * their own, and counts the points. A notebook that breaks costs its own points only.
 *
 * @throws {BirdsongError} if a notebook is none of the project's, two have one name, or the teacher's
 * do not run.
 */
export async function gradeNotebooks(options: GradeOptions): Promise<Grades> {
  const teachers = new Map(
    notebookFiles(projectPath("notebooks")).map((path) => [basename(path), path]),
  );
  const students = new Map<string, string>();
  for (const path of options.notebooks) {
    const other = students.get(basename(path));
    if (other) {
      throw new BirdsongError(
        `${other} and ${path} have one name, so that only one could be graded: ` +
          "grade each student's notebooks by a call of their own",
      );
    }
    students.set(basename(path), path);
  }
  const unknown = [...students.keys()].find((name) => !teachers.has(name));
  if (unknown) {
    throw new BirdsongError(
      `${students.get(unknown)} is none of the project's notebooks: ` +
        `their names are ${[...teachers.keys()].join(", ")}`,
    );
  }
  const needed = new Set([...students.keys()].flatMap((name) => makers[name.slice(0, 2)] ?? []));
  mkdirSync(projectPath("output"), { recursive: true });
  // Inside the project, where the kernels find the library.
  const folder = mkdtempSync(projectPath("output/grade-"));
  const environment = await makeWorkspace(folder);
  const run = async (name: string, notebook: string, out: string) => {
    const path = join(folder, name);
    writeFileSync(path, notebook);
    const { kernel, timeout, onEvent } = options;
    const notebooks = [path];
    const { results, interrupted } = await runNotebooks(
      { notebooks, kernel, out, timeout, environment, onEvent },
    );
    if (interrupted) throw new BirdsongError("grading was interrupted");
    return results[0].failure;
  };
  try {
    const sections: SectionGrade[] = [];
    for (const [name, path] of teachers) {
      const teacher = readNotebook(path);
      const answers = students.get(name);
      if (answers && hasExercises(teacher)) {
        const graded = gradedNotebook(teacher, readNotebook(answers));
        const failure = await run(name, notebookText(graded), options.out);
        const copy = join(options.out, name);
        const reason = failure && `cell [${failure.cell}] failed: ${failure.error.split("\n")[0]}`;
        const executed = existsSync(copy) ? readNotebook(copy) : undefined;
        const exercises = gradesOf(teacher, executed, reason);
        const [points, of] = [sum(exercises, "points"), sum(exercises, "of")];
        const title = titleOf(teacher, path);
        sections.push({ notebook: name, title, points, of, exercises });
      } else if (needed.has(name.slice(0, 2))) {
        const failure = await run(name, notebookText(withoutExercises(teacher)), folder + "/made");
        if (failure) throw new BirdsongError(`the teacher's ${name} failed: ${failure.error}`);
      }
    }
    return totalOf(sections);
  } finally {
    await stopMlflowServer(join(folder, "mlflow"));
    rmSync(folder, { recursive: true, force: true });
  }
}

function hasExercises({ cells }: Notebook): boolean {
  return cells.some(({ metadata }) => metadata.nbgrader?.grade);
}

async function makeWorkspace(folder: string): Promise<Record<string, string>> {
  const [source, lake, mlflow] = ["tweets", "lake", "mlflow"].map((name) => join(folder, name));
  await makeSample(source, { tweets: 1_000, files: 250, seed: 7 });
  mkdirSync(mlflow);
  // Whatever the teacher works with otherwise is left alone, and changes no points. How this machine
  // scores stays as it is.
  const { provider: _, scoreCache: __, ...others } = settingDefinitions;
  const unset = Object.values(others).map(({ environment }) => [environment, ""]);
  return {
    ...Object.fromEntries(unset),
    ...{ BIRDSONG_SOURCE: source, BIRDSONG_LAKE: lake, BIRDSONG_MLFLOW: mlflow },
  };
}
