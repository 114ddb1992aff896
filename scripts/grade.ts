import { mkdirSync, statSync } from "node:fs";
import { projectPath } from "../lib/paths.ts";
import {
  type Command,
  integerArgument,
  main,
  pathArgument,
  UsageError,
} from "./command/command.ts";
import { kernelArgument } from "./command/kernel_argument.ts";
import { notebookFiles } from "./notebooks/notebook_files.ts";
import { NotebookProgress } from "./notebooks/progress.ts";
import { gradeNotebooks } from "./teaching/grade_notebooks.ts";
import { rubric } from "./teaching/grades.ts";

const command: Command = {
  name: "grade",
  positionals: "[DIR | NOTEBOOK...]",
  summary:
    "Runs the answers of a student's notebooks and prints the points of each exercise. Checks,\n" +
    "and all cells but answers and added ones, are taken from the project's notebooks, which are\n" +
    "also what is graded when nothing is named. Students' code runs with your rights: grade in a\n" +
    "container what you do not trust. Exit code: 0 all points, 3 some are missing, 1 an error.",
  options: {
    only: { value: "NUMBERS", help: "of a folder, only these notebooks, such as 03,04" },
    kernel: { value: "NAME", help: "deno or tslab (default deno)" },
    out: { value: "DIR", help: "folder of the executed copies (default output/grade)" },
    timeout: { value: "SECONDS", help: "time that one notebook may take (default 1800)" },
    json: { help: "print the grades as JSON" },
  },
  async run({ options, switches, positionals }) {
    const kernel = kernelArgument(options.kernel);
    const timeout = integerArgument("timeout", options.timeout ?? "1800");
    const out = options.out ? pathArgument(options.out) : projectPath("output/grade");
    mkdirSync(out, { recursive: true });
    const notebooks = notebooksOf(positionals, options.only?.split(","));
    const progress = new NotebookProgress();
    const grades = await gradeNotebooks({
      notebooks,
      kernel,
      out,
      timeout,
      onEvent: (event) => progress.take(event),
    }).finally(() => progress.stop());
    console.log(switches.has("json") ? JSON.stringify(grades, null, 2) : rubric(grades));
    console.error(`Executed copies: ${out}`);
    return grades.points === grades.of ? 0 : 3;
  },
};

/** The notebooks of a folder, or those that are named. */
function notebooksOf(positionals: string[], only: string[] | undefined): string[] {
  const paths = positionals.length > 0 ? positionals.map(pathArgument) : [projectPath("notebooks")];
  const missing = paths.find((path) => !statSync(path, { throwIfNoEntry: false }));
  if (missing) throw new UsageError(`there is no ${missing}`);
  const folder = paths.find((path) => statSync(path).isDirectory());
  if (folder && paths.length === 1) return notebookFiles(folder, only);
  if (folder || only) {
    throw new UsageError("name one folder, with --only if you like, or notebooks");
  }
  return paths;
}

if (import.meta.main) await main(command);
