import { relative } from "node:path";
import { projectPath, projectRoot } from "../lib/paths.ts";
import { checkCells } from "./cells/check_cells.ts";
import { formatCells } from "./cells/format_cells.ts";
import { type Command, main, pathArgument } from "./command/command.ts";
import { notebookFiles } from "./notebooks/notebook_files.ts";

const command: Command = {
  name: "cells",
  summary: "Checks the notebooks' cells as all other code is checked: format, types, lint.",
  options: {
    only: { value: "NUMBERS", help: "only these notebooks, such as 03,04" },
    notebooks: { value: "DIR", help: "folder of the notebooks (default notebooks)" },
    fix: { help: "format what is not formatted" },
  },
  run({ options, switches }) {
    const folder = options.notebooks ? pathArgument(options.notebooks) : projectPath("notebooks");
    const notebooks = notebookFiles(folder, options.only?.split(","));
    const fix = switches.has("fix");
    const unformatted = formatCells(notebooks, { fix });
    for (const { notebook, cells } of unformatted) {
      const where = `${relative(projectRoot, notebook)}, ${cells.join(", ") || "the file itself"}`;
      console.log(fix ? `formatted: ${where}` : `not formatted: ${where} (deno task cells --fix)`);
    }
    const findings = checkCells(notebooks);
    for (const { check, text } of findings) console.log(`\n${check}:\n\n${text.trim()}`);
    const passed = findings.length === 0 && (fix || unformatted.length === 0);
    if (passed) console.log(`The cells of ${notebooks.length} notebooks are in order`);
    return Promise.resolve(passed ? 0 : 1);
  },
};

if (import.meta.main) await main(command);
