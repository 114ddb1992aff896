import process from "node:process";
import { projectPath, projectRoot } from "../../lib/paths.ts";
import { BirdsongError } from "../../lib/errors.ts";
import { spawnSync } from "node:child_process";
import type { Stage } from "./context.ts";
import { plainFigure } from "./figure.ts";
import { medianTaken, type Taken } from "./taken.ts";

/** The import that every notebook begins with, in a process of its own. */
export const start: Stage = (bench) => {
  const taken = Array.from({ length: bench.options.rounds }, importOnce);
  const { wall } = medianTaken(taken);
  const what = 'import "birdsong" in a new process';
  return Promise.resolve([
    plainFigure({ stage: "start", what, goal: { atMost: 1 } }, "s", wall, taken),
  ]);
};

function importOnce(): Taken {
  const script = projectPath("scripts/bench/start_library.ts");
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["run", "--allow-all", "--no-check", script],
    { cwd: projectRoot, encoding: "utf8" },
  );
  if (status !== 0) throw new BirdsongError(`the library could not be imported: ${stderr}`);
  return JSON.parse(stdout);
}
