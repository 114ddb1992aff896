import process from "node:process";
import { findMlflowServer } from "../lib/mlflow/server.ts";
import { projectPath } from "../lib/paths.ts";
import { parameters, settingDefinitions } from "../lib/settings.ts";
import { ensureSource } from "../lib/tweets/sample/ensure_source.ts";
import { type Command, main, pathArgument } from "./command/command.ts";
import { addImages } from "./notebooks/add_images.ts";
import { notebookFiles } from "./notebooks/notebook_files.ts";
import { notebookTable } from "./notebooks/notebook_table.ts";
import { NotebookProgress } from "./notebooks/progress.ts";
import { writeReports } from "./notebooks/reports.ts";
import { quoteFailure, runNotebooks } from "./notebooks/run_notebooks.ts";
import { growthTable, tableCounts } from "./notebooks/table_counts.ts";

const kernel = "deno";
const out = projectPath("output/notebooks");

const command: Command = {
  name: "start",
  summary:
    "Runs the whole project: makes sample tweets if there are none, runs all notebooks, and\n" +
    "says where the results are. A later start takes only what is new.",
  options: {
    source: {
      value: "DIR",
      help: "folder with JSON files of your own tweets (default: generated ones in data/tweets)",
    },
    lake: { value: "DIR", help: "folder of the tables (default: output/lake)" },
  },
  async run({ options }) {
    // The notebooks' kernels read the environment.
    for (const name of ["source", "lake"] as const) {
      const folder = options[name];
      if (folder) process.env[settingDefinitions[name].environment] = pathArgument(folder);
    }
    const settings = parameters();
    console.error(await ensureSource(settings.source));

    const before = await tableCounts(settings.lake);
    const startedAt = new Date();
    const progress = new NotebookProgress();
    const { results, interrupted } = await runNotebooks({
      notebooks: notebookFiles(projectPath("notebooks")),
      kernel,
      out,
      onEvent: (event) => progress.take(event),
    }).finally(() => progress.stop());

    const failed = results.find(({ state }) => state === "failed");
    if (failed) console.error(`\n${quoteFailure(failed, out)}`);
    console.log(`\n${notebookTable(results)}\n`);
    if (interrupted) return 130;
    await addImages(out, results);

    const after = await tableCounts(settings.lake);
    console.log(`${growthTable(before, after)}\n`);
    if (!failed && after.get("bronze") === before.get("bronze")) {
      console.log(`Nothing was new in ${settings.source}; the tables are as they were.`);
    }
    // A server that hangs does not lose the report.
    const server = await findMlflowServer(settings.mlflow).catch(() => null);
    const mlflow = settings.mlflowUri ?? server?.uri;
    console.log(`Executed notebooks: ${out}`);
    if (mlflow) console.log(`MLflow:             ${mlflow} (until: deno task mlflow --stop)`);
    console.log(`To work in them:    npx -y deno@${Deno.version.deno} task lab`);
    const { source } = settings;
    const report = writeReports({ results, out, kernel, source, startedAt });
    console.log(`Report to send on:  ${report}`);
    return failed ? 1 : 0;
  },
};

if (import.meta.main) await main(command);
