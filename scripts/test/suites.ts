import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import process from "node:process";
import { stopMlflowServer } from "../../lib/mlflow/server.ts";
import { projectPath, projectRoot } from "../../lib/paths.ts";
import { makeSample } from "../../lib/tweets/sample/ensure_source.ts";
import { runChild } from "../command/child.ts";
import { notebookFiles } from "../notebooks/notebook_files.ts";
import { NotebookProgress } from "../notebooks/progress.ts";
import { jupyterEnvironment, projectPython } from "../notebooks/python.ts";
import { quoteFailure, runNotebooks } from "../notebooks/run_notebooks.ts";
import { judgeSuite } from "./judge.ts";
import type { Tally } from "./tally.ts";

/** How a suite ended. */
export interface SuiteResult extends Tally {
  /** Sentences about failures that no test reported. */
  notes: string[];
}

/** One part of `deno task test`. */
export interface Suite {
  name: string;
  /** Runs it, with its own empty folder for whatever it writes. */
  run(folder: string): Promise<SuiteResult>;
}

/** Folders of tests that are suites of their own, because they take minutes. */
const slowFolders = ["tests/e2e", "tests/storage", "tests/fault"].filter((folder) =>
  existsSync(projectPath(folder))
);

/** Notebooks in JupyterLab in Chromium: those of the variable BROWSER_NOTEBOOKS, or a few. */
export const browserSuite: Suite = denoTestSuite("browser", "tests/browser");

// Needs Java, and minutes: `deno task test:spark`.
const onCluster = "tests/cluster";

/** All suites, the quick ones first. */
export const suites: Suite[] = [
  commandSuite("format", ["fmt", "--check"]),
  commandSuite("lint", ["lint"]),
  commandSuite("types", ["check", "--quiet", "lib", "scripts", "tests"]),
  commandSuite("cells", ["run", "--allow-all", "scripts/cells.ts"]),
  denoTestSuite("unit", "tests", [...slowFolders, "tests/browser", onCluster]),
  ...slowFolders.map((folder) => denoTestSuite(basename(folder), folder)),
  browserSuite,
  { name: "notebooks", run: runNbmake },
  { name: "notebooks-tslab", run: runOnTslab },
];

/** A suite that is one test: the exit code of a `deno` command. */
function commandSuite(name: string, args: string[]): Suite {
  return {
    name,
    async run() {
      const code = await runChild(process.execPath, args, { cwd: projectRoot });
      return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0, notes: [] };
    },
  };
}

/** Test modules of a folder. */
function denoTestSuite(name: string, folder: string, ignored: string[] = []): Suite {
  return {
    name,
    async run(work) {
      const report = join(work, "junit.xml");
      const exitCode = await runChild(
        process.execPath,
        [
          // The suite `types` checks the types, once for all modules and workers.
          ...["test", "--allow-all", "--no-check", `--junit-path=${report}`],
          ...(ignored.length > 0 ? [`--ignore=${ignored.join(",")}`] : []),
          folder,
        ],
        { cwd: projectRoot },
      );
      const files = readdirSync(projectPath(folder), { recursive: true, encoding: "utf8" })
        .map((file) => `${folder}/${file.replaceAll("\\", "/")}`)
        .filter((file) => file.endsWith(".test.ts"))
        .filter((file) => !ignored.some((other) => file.startsWith(`${other}/`)));
      return judgeSuite({ exitCode, junit: textOf(report), files });
    },
  };
}

/** The notebooks under pytest, as any project that uses nbmake runs them. */
async function runNbmake(work: string): Promise<SuiteResult> {
  const notebooks = notebookFiles(projectPath("notebooks"));
  const report = join(work, "junit.xml");
  return await withWorkspace(work, async (environment) => {
    const exitCode = await runChild(
      projectPython(),
      [
        ...["-m", "pytest", "--nbmake", "--nbmake-kernel=deno", "--nbmake-timeout=900"],
        // Later notebooks need the tables of earlier ones: the first that fails ends it.
        ...["--exitfirst", "-v", "-p", "no:cacheprovider", `--junitxml=${report}`, ...notebooks],
      ],
      { cwd: projectRoot, env: { ...jupyterEnvironment, ...environment } },
    );
    const files = notebooks.map((path) => basename(path));
    return judgeSuite({ exitCode, junit: textOf(report), files });
  });
}

/** The notebooks on tslab, by our own runner: nbmake takes a cell that fails there for a success. */
async function runOnTslab(work: string): Promise<SuiteResult> {
  return await withWorkspace(work, async (environment) => {
    const progress = new NotebookProgress();
    const out = join(work, "notebooks");
    const { results } = await runNotebooks({
      notebooks: notebookFiles(projectPath("notebooks")),
      kernel: "tslab",
      out,
      timeout: 1800,
      environment,
      onEvent: (event) => progress.take(event),
    }).finally(() => progress.stop());
    const broken = results.find(({ state }) => state === "failed");
    if (broken) console.log(`\n${quoteFailure(broken, out)}\n`);
    const passed = results.filter(({ state }) => state === "passed").length;
    const notRun = results.filter(({ state }) => state === "not run");
    return {
      passed,
      failed: results.length - passed,
      skipped: 0,
      notes: notRun.map(({ notebook }) => `${notebook} was not run`),
    };
  });
}

/** Gives notebooks a lake, an MLflow server and 2,000 tweets of their own, and ends the server. */
async function withWorkspace(
  work: string,
  run: (environment: Record<string, string>) => Promise<SuiteResult>,
): Promise<SuiteResult> {
  const [source, lake, mlflow] = ["tweets", "lake", "mlflow"].map((name) => join(work, name));
  await makeSample(source, { tweets: 2_000, files: 500, seed: 1 });
  mkdirSync(mlflow);
  try {
    return await run({ BIRDSONG_SOURCE: source, BIRDSONG_LAKE: lake, BIRDSONG_MLFLOW: mlflow });
  } finally {
    await stopMlflowServer(mlflow);
  }
}

function textOf(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}
