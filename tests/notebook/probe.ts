import { spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { projectPath } from "../../lib/paths.ts";
import { environmentProgram, projectEnvironment } from "../../lib/python_environment.ts";

/** An output of a cell, as far as tests look at it. */
export interface Output {
  output_type: string;
  data?: Record<string, unknown>;
}

/** A display message of a kernel, as `kernel_probe.py watch` tells of it. */
export interface DisplayMessage {
  /** The cell's id. */
  cell: string;
  type: "display_data" | "update_display_data";
  /** The output's `display_id`, if it has one. */
  display: string | null;
  /** When the kernel sent it, in seconds since 1970. */
  seconds: number;
  data: Record<string, string>;
}

/** Runs kernel_probe.py with the project's Jupyter and no kernel or setting of the person's own. */
export function probe(...args: string[]) {
  return probeWith({}, ...args);
}

/**
 * Runs kernel_probe.py, too.
 *
 * @param options.env Environment variables for the kernel.
 * @param options.onDisplay Called for each display message, while the kernel runs.
 */
export async function probeWith(
  options: { env?: Record<string, string>; onDisplay?(message: DisplayMessage): void },
  ...args: string[]
) {
  const folder = await Deno.makeTempDir();
  const environment = {
    ...process.env,
    BIRDSONG_LAKE: `${folder}/lake`,
    JUPYTER_PREFER_ENV_PATH: "1",
    JUPYTER_PATH: "",
    JUPYTER_CONFIG_DIR: `${folder}/config`,
    JUPYTER_DATA_DIR: `${folder}/data`,
    JUPYTER_RUNTIME_DIR: `${folder}/runtime`,
    ...options.env,
  };
  const python = environmentProgram(projectEnvironment, "python");
  try {
    const child = spawn(python, [projectPath("tests/notebook/kernel_probe.py"), ...args], {
      env: environment,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    let result;
    for await (const line of createInterface({ input: child.stdout })) {
      const told = JSON.parse(line);
      if ("display" in told) options.onDisplay?.(told);
      else result = told;
    }
    const code = await ended;
    if (code !== 0) throw new Error(`kernel_probe.py ended with exit code ${code}`);
    return result;
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
