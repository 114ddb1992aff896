import { existsSync, mkdirSync, readdirSync, realpathSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { BirdsongError } from "../lib/errors.ts";
import { projectPath, projectRoot } from "../lib/paths.ts";
import { type Command, main, pathArgument } from "./command/command.ts";
import { notebookFiles } from "./notebooks/notebook_files.ts";
import { notebookText, readNotebook } from "./notebooks/notebook.ts";
import { studentEdition } from "./teaching/student_edition.ts";

const command: Command = {
  name: "assignment",
  summary:
    "Writes the notebooks as students get them: with open exercises in place of the answers.",
  options: {
    out: { value: "DIR", help: "folder to write", required: true },
    force: { help: "write into a folder that holds something; notebooks there are replaced" },
  },
  run({ options, switches }) {
    const out = pathArgument(options.out!);
    const teachers = projectPath("notebooks");
    // By whatever name: a link, or another case where that does not count.
    if (existsSync(out) && realpathSync.native(out) === realpathSync.native(teachers)) {
      throw new BirdsongError(`${out} holds the notebooks with the answers: choose another folder`);
    }
    if (existsSync(out) && readdirSync(out).length > 0 && !switches.has("force")) {
      throw new BirdsongError(
        `${out} is not empty, and may hold someone's answers: choose another folder, or add --force`,
        { context: { folder: out } },
      );
    }
    const notebooks = notebookFiles(teachers)
      .map((path) => [basename(path), notebookText(studentEdition(readNotebook(path)))]);
    mkdirSync(out, { recursive: true });
    for (const [name, text] of notebooks) writeFileSync(join(out, name), withLinks(text, out));
    writeFileSync(join(out, "README.md"), readme);
    console.log(`${notebooks.length} notebooks and a README.md written to ${out}`);
    return Promise.resolve();
  },
};

/** Links to the project's files, from where the notebooks are if that is inside the project. */
function withLinks(text: string, out: string): string {
  const up = relative(out, projectRoot).replaceAll("\\", "/");
  return /^(\.\.\/)*\.\.$/.test(up) ? text.replaceAll("](../", `](${up}/`) : text;
}

const readme = `# Exercises

These are Birdsong's notebooks with open exercises: replace what stands below \`// YOUR CODE HERE\`,
run the cell, and run the check below it. It says what is still wrong. *Run All* goes on behind an
open exercise.

The notebooks need the project around them. Put this folder into a clone of Birdsong, beside its
folder \`notebooks\`, and open it there:

    npx -y deno@2.9.6 task lab

Helper cells of your own are welcome. Hand in the notebooks; what is graded are your answers and
your own cells. All other cells are taken from the teacher's edition.

How many points you have so far:

    npx -y deno@2.9.6 task grade FOLDER
`;

if (import.meta.main) await main(command);
