import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { BirdsongError } from "../errors.ts";
import { environmentProgram, projectEnvironment } from "../python_environment.ts";

const logLines = 25;

/**
 * Starts `mlflow server` for a folder, detached from this process.
 *
 * @returns The id of its process.
 * @throws {BirdsongError} if the project's Python environment is not installed.
 */
export function startServer(folder: string, port: number): Promise<number> {
  const python = pythonOfProject();
  const log = openSync(join(folder, "server.log"), "w");
  return new Promise((resolve, reject) => {
    // Paths relative to the working directory: MLflow takes both locations as URIs, in which
    // characters such as # ? % of a folder's name would get another meaning.
    const child = spawn(python, [
      ...["-m", "mlflow", "server", "--host", "127.0.0.1", "--port", String(port)],
      ...["--workers", "1", "--backend-store-uri", "sqlite:///mlflow.db"],
      ...["--artifacts-destination", "artifacts", "--serve-artifacts"],
      // MLflow also admits the Host headers of private networks, as the pattern 10.*, which a
      // name such as 10.example.org fits; nothing but this machine reaches 127.0.0.1.
      ...["--allowed-hosts", "localhost,127.0.0.1,localhost:*,127.0.0.1:*"],
    ], {
      cwd: folder,
      env: environment(),
      detached: true,
      stdio: ["ignore", log, log],
      windowsHide: true,
    });
    child.once("spawn", () => resolve(child.pid!));
    child.once("error", (cause) => reject(notInstalled(python, cause)));
    child.unref();
    closeSync(log);
  });
}

/** The last lines that the folder's server wrote. */
export async function logTail(folder: string): Promise<string> {
  const text = await readFile(join(folder, "server.log"), "utf8").catch(() => "(no log)");
  return text.trimEnd().split("\n").slice(-logLines).join("\n");
}

/** Whether the folder's server ended because its port was in use. */
export async function isPortTaken(folder: string): Promise<boolean> {
  return /address already in use|only one usage of each socket/i.test(await logTail(folder));
}

function pythonOfProject(): string {
  const [python, mlflow] = ["python", "mlflow"]
    .map((name) => environmentProgram(projectEnvironment, name));
  if (!existsSync(python) || !existsSync(mlflow)) throw notInstalled(dirname(python));
  return python;
}

function notInstalled(path: string, cause?: unknown): BirdsongError {
  return new BirdsongError(
    `cannot start MLflow: it is not installed in ${path}. Run: deno task setup`,
    { cause, context: { path } },
  );
}

/** What the server sees of our environment: no MLflow settings but these. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^_?MLFLOW_/.test(name));
  return {
    ...Object.fromEntries(kept),
    // No usage data, and no wait for a host that cannot be reached.
    MLFLOW_DISABLE_TELEMETRY: "true",
    // Its jobs (evaluation of language models) would be nine more Python processes.
    MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false",
    // A warning at the start on machines without git.
    GIT_PYTHON_REFRESH: "quiet",
  };
}
