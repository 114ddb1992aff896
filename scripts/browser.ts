import { basename } from "node:path";
import process from "node:process";
import { projectPath } from "../lib/paths.ts";
import { type Command, main } from "./command/command.ts";
import { notebookFiles } from "./notebooks/notebook_files.ts";
import { runSuites } from "./test.ts";
import { installTestPrograms } from "./test/debian_packages.ts";
import { browserSuite } from "./test/suites.ts";

/** The notebooks that make the tables of the others. */
const makers = ["00", "03", "04", "05", "09"];

const command: Command = {
  name: "browser",
  positionals: "[NAME ...]",
  summary:
    "Runs notebooks, all or those named (such as 03 or 03_raw_to_bronze), in a JupyterLab in\n" +
    "Chromium, with generated tweets and tables of their own. It checks what is on the screen, and\n" +
    "keeps an image of each in output/screenshots, light and dark. Notebooks that make the tables\n" +
    "for those named run, too.",
  options: {},
  async run({ positionals }) {
    const notebooks = projectPath("notebooks");
    const numbers = notebookFiles(
      notebooks,
      positionals.length > 0 ? numbersOf(positionals) : undefined,
    )
      .map((file) => basename(file).slice(0, 2));
    const last = numbers.at(-1)!;
    process.env.BROWSER_NOTEBOOKS = [...makers.filter((maker) => maker < last), ...numbers].join(
      ",",
    );
    await installTestPrograms();
    return await runSuites([browserSuite]);
  },
};

function numbersOf(names: string[]): string[] {
  return names.map((name) => basename(name).match(/^\d+/)?.[0] ?? name);
}

if (import.meta.main) await main(command);
