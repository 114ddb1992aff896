import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { BirdsongError } from "../../lib/errors.ts";
import { stopMlflowServer } from "../../lib/mlflow/server.ts";
import { projectPath, projectRoot } from "../../lib/paths.ts";
import { makeSample } from "../../lib/tweets/sample/ensure_source.ts";
import { startScript } from "../scripts/script.ts";

/** A JupyterLab that runs, for notebooks in a folder of its own. */
export class JupyterLab {
  /**
   * @param folder Where its notebooks stand; inside the project, or they would not find the library.
   * @param root Its address, with the token.
   */
  constructor(readonly folder: string, private readonly root: URL) {}

  /** A notebook's path as JupyterLab has it. */
  path(notebook: string): string {
    return relative(projectRoot, join(this.folder, notebook)).replaceAll("\\", "/");
  }

  /** The page that opens a notebook of the folder, and nothing that was open before. */
  address(notebook: string): string {
    const page = new URL(this.root);
    page.pathname = `/lab/workspaces/${crypto.randomUUID()}/tree/${this.path(notebook)}`;
    return page.href;
  }
}

/**
 * Runs `deno task lab` while `use` does, with few tweets, tables and an MLflow server of its own, and
 * no setting of the person's. Ends it with its kernels, and removes what it made.
 */
export async function withJupyterLab(use: (lab: JupyterLab) => Promise<void>): Promise<void> {
  await mkdir(projectPath("output"), { recursive: true });
  const folder = await mkdtemp(projectPath("output/browser-"));
  const [source, lake, mlflow] = ["tweets", "lake", "mlflow"].map((name) => join(folder, name));
  try {
    await makeSample(source, { tweets: 500, files: 100, seed: 1 });
    await mkdir(mlflow);
    const lab = startScript("lab", ["--no-browser"], {
      BIRDSONG_SOURCE: source,
      BIRDSONG_LAKE: lake,
      BIRDSONG_MLFLOW: mlflow,
      ...await jupyterFolders(folder),
    });
    const { address, drained } = await started(lab);
    try {
      await use(new JupyterLab(folder, address));
    } finally {
      lab.kill("SIGTERM");
      await Promise.all([lab.status, drained]);
    }
  } finally {
    await stopMlflowServer(mlflow);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Jupyter's own files, as environment variables. */
async function jupyterFolders(folder: string): Promise<Record<string, string>> {
  const config = join(folder, "jupyter/config");
  await mkdir(config, { recursive: true });
  await writeFile(
    join(config, "jupyter_lab_config.json"),
    JSON.stringify({
      // The page has it as `jupyterapp`.
      LabApp: { expose_app_in_browser: true },
      // Whoever was killed cannot end it: after ten minutes without work, it ends by itself.
      MappingKernelManager: { cull_idle_timeout: 600 },
      ServerApp: { shutdown_no_activity_timeout: 600 },
    }),
  );
  return {
    JUPYTER_CONFIG_DIR: config,
    JUPYTER_DATA_DIR: join(folder, "jupyter/data"),
    JUPYTER_RUNTIME_DIR: join(folder, "jupyter/runtime"),
    JUPYTER_PATH: "",
  };
}

/** Waits until JupyterLab says where it is; what it says later is read and dropped. */
async function started(lab: Deno.ChildProcess): Promise<{ address: URL; drained: Promise<void> }> {
  const quiet = lab.stdout.cancel();
  const words = lab.stderr.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  for (let word = await words.read(); !word.done; word = await words.read()) {
    said += word.value;
    const [address] = said.match(/http:\/\/127\.0\.0\.1:\d+\/lab\S*\?token=\w+/) ?? [];
    if (address === undefined) continue;
    const rest = async () => {
      while (!(await words.read()).done);
      await quiet;
    };
    return { address: new URL(address), drained: rest() };
  }
  await lab.status;
  throw new BirdsongError(`JupyterLab did not start: ${said}`);
}
