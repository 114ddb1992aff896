import { existsSync } from "node:fs";
import { BirdsongError } from "../../lib/errors.ts";
import { environmentProgram, projectEnvironment } from "../../lib/python_environment.ts";

/**
 * The Python of the project's own environment.
 *
 * @throws {BirdsongError} if the environment is not installed.
 */
export function projectPython(): string {
  const python = environmentProgram(projectEnvironment, "python");
  if (!existsSync(python)) {
    throw new BirdsongError(
      `The project's Python environment is missing (${python}). Install it with: deno task setup`,
    );
  }
  return python;
}

/**
 * Environment variables for anything of Jupyter: the project's kernels come before those that a
 * person may have installed elsewhere under the same names.
 */
export const jupyterEnvironment: Record<string, string> = { JUPYTER_PREFER_ENV_PATH: "1" };
