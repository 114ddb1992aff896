import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { BirdsongError } from "../../lib/errors.ts";
import { describeMachine } from "../../lib/machine.ts";
import { projectPath } from "../../lib/paths.ts";
import { junitReport } from "./junit_report.ts";
import { projectPython } from "./python.ts";
import type { NotebookResult } from "./run_notebooks.ts";

/** A run that is over, as the reports tell of it. */
export interface ReportedRun {
  results: NotebookResult[];
  /** Folder of the executed copies; the reports are put beside them. */
  out: string;
  kernel: string;
  /** Folder with the tweets. */
  source: string;
  startedAt: Date;
}

/**
 * Writes what a run leaves behind beside the executed notebooks: `report.html`, one file with all of
 * them that can be sent to someone, and `junit.xml`, for machines.
 *
 * @returns the path of `report.html`.
 * @throws {BirdsongError} if the notebooks cannot be rendered.
 */
export function writeReports({ results, out, kernel, source, startedAt }: ReportedRun): string {
  writeFileSync(join(out, "junit.xml"), junitReport(results));

  const report = join(out, "report.html");
  const machine = describeMachine();
  const facts = [
    ["Run", dateTime.format(startedAt)],
    [
      "Machine",
      `${machine.processor}, ${machine.cores} ${machine.cores === 1 ? "core" : "cores"}, ` +
      `${machine.memoryGigabytes} GB memory, ${machine.system}`,
    ],
    ["Kernel", kernel === "deno" ? `${kernel} (${machine.runtime})` : kernel],
    ["Source", source],
  ];
  // Python, because what renders Markdown and cleans HTML comes with Jupyter.
  const { status, error } = spawnSync(
    projectPython(),
    [projectPath("scripts/notebooks/write_report.py"), "--notebooks", out, "--out", report],
    { input: JSON.stringify({ facts, results }), stdio: ["pipe", "inherit", "inherit"] },
  );
  if (status !== 0) {
    throw new BirdsongError(`${report} could not be written; see the text above`, { cause: error });
  }
  return report;
}

const dateTime = new Intl.DateTimeFormat("en-GB", {
  ...{ day: "numeric", month: "long", year: "numeric" },
  ...{ hour: "2-digit", minute: "2-digit", timeZoneName: "short" },
});
