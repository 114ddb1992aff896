import { spawnSync } from "node:child_process";
import process from "node:process";
import { BirdsongError } from "../../lib/errors.ts";
import { projectRoot } from "../../lib/paths.ts";

/**
 * Runs a command of Deno in the project's folder, and takes what it says.
 *
 * @throws {BirdsongError} if Deno cannot be started.
 */
export function runDeno(args: string[]): { code: number; output: string } {
  const { status, error, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: projectRoot,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
    maxBuffer: 64 * 2 ** 20,
  });
  if (error) throw new BirdsongError(`${process.execPath} could not be run`, { cause: error });
  return { code: status ?? 1, output: `${stdout}${stderr}` };
}
