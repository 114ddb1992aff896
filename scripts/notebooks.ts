import { existsSync } from "node:fs";
import {
  type Command,
  integerArgument,
  main,
  pathArgument,
  UsageError,
} from "./command/command.ts";
import { projectPath } from "../lib/paths.ts";
import { parameters, settingDefinitions } from "../lib/settings.ts";
import { kernelArgument } from "./command/kernel_argument.ts";
import { addImages } from "./notebooks/add_images.ts";
import { notebookFiles } from "./notebooks/notebook_files.ts";
import { NotebookProgress } from "./notebooks/progress.ts";
import { notebookTable } from "./notebooks/notebook_table.ts";
import { writeReports } from "./notebooks/reports.ts";
import { quoteFailure, runNotebooks } from "./notebooks/run_notebooks.ts";

const command: Command = {
  name: "notebooks",
  summary:
    "Runs the notebooks headless, in order, until one fails. Beside the executed copies it\n" +
    "leaves report.html, with all of them in one file, and junit.xml.",
  options: {
    only: { value: "NUMBERS", help: "only these notebooks, such as 03,04" },
    kernel: { value: "NAME", help: "deno or tslab (default deno)" },
    source: { value: "DIR", help: "folder with the tweets' JSON files (default data/tweets)" },
    lake: { value: "DIR", help: "folder of the tables (default output/lake)" },
    mlflow: { value: "DIR", help: "folder of the MLflow server (default output/mlflow)" },
    out: { value: "DIR", help: "folder of the executed copies (default output/notebooks)" },
    notebooks: { value: "DIR", help: "folder of the notebooks (default notebooks)" },
    timeout: {
      value: "SECONDS",
      help: "time that one notebook may take (default: an hour, or what its metadata says)",
    },
    json: { help: "print the closing table as JSON" },
  },
  async run({ options, switches }) {
    const kernel = kernelArgument(options.kernel);
    const timeout = options.timeout ? integerArgument("timeout", options.timeout) : undefined;
    const environment: Record<string, string> = {};
    for (const name of ["source", "lake", "mlflow"] as const) {
      const folder = options[name];
      if (folder) environment[settingDefinitions[name].environment] = pathArgument(folder);
    }
    if (options.source && !existsSync(pathArgument(options.source))) {
      throw new UsageError(`--source ${pathArgument(options.source)} does not exist`);
    }
    const source = options.source ? pathArgument(options.source) : parameters().source;
    const folder = options.notebooks ? pathArgument(options.notebooks) : projectPath("notebooks");
    const out = options.out ? pathArgument(options.out) : projectPath("output/notebooks");

    const startedAt = new Date();
    const progress = new NotebookProgress();
    const { results, interrupted } = await runNotebooks({
      notebooks: notebookFiles(folder, options.only?.split(",")),
      kernel,
      out,
      timeout,
      environment,
      onEvent: (event) => progress.take(event),
    }).finally(() => progress.stop());

    const failed = results.find(({ state }) => state === "failed");
    if (failed) console.error(`\n${quoteFailure(failed, out)}\n`);
    console.log(switches.has("json") ? JSON.stringify(results, null, 2) : notebookTable(results));
    if (interrupted) return 130;
    await addImages(out, results);
    const report = writeReports({ results, out, kernel, source, startedAt });
    console.error(`Report: ${report}`);
    return failed ? 1 : 0;
  },
};

if (import.meta.main) await main(command);
