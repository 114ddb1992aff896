import { execFile } from "node:child_process";
import process from "node:process";
import { promisify } from "node:util";
import { projectPath } from "../../lib/paths.ts";

/** An output of a cell, as far as tests look at it. */
export interface Output {
  output_type: string;
  data?: Record<string, unknown>;
}

/** Runs kernel_probe.py with the project's Jupyter and no kernel or setting of the person's own. */
export async function probe(...args: string[]) {
  const folder = await Deno.makeTempDir();
  const environment = {
    ...process.env,
    BIRDSONG_LAKE: `${folder}/lake`,
    JUPYTER_PREFER_ENV_PATH: "1",
    JUPYTER_PATH: "",
    JUPYTER_CONFIG_DIR: `${folder}/config`,
    JUPYTER_DATA_DIR: `${folder}/data`,
    JUPYTER_RUNTIME_DIR: `${folder}/runtime`,
  };
  const windows = process.platform === "win32";
  const python = projectPath(windows ? ".venv/Scripts/python.exe" : ".venv/bin/python");
  try {
    const { stdout } = await promisify(execFile)(
      python,
      [projectPath("tests/notebook/kernel_probe.py"), ...args],
      { env: environment, maxBuffer: 64 * 2 ** 20 },
    );
    return JSON.parse(stdout);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A notebook of these code cells. */
export function notebookOf(sources: string[]) {
  const cells = sources.map((source, number) => ({
    cell_type: "code",
    id: `cell-${number}`,
    source,
    execution_count: null,
    metadata: {},
    outputs: [],
  }));
  return { nbformat: 4, nbformat_minor: 5, metadata: {}, cells };
}
