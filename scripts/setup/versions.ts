import process from "node:process";
import { BirdsongError } from "../../lib/errors.ts";
import { run } from "./run.ts";

/** Older ones crash when DuckDB's results are collected as garbage. */
const leastDeno = "2.9.6";
const leastNode = "20.19.0";
const leastPython = "3.10.0";

/** @throws {BirdsongError} if this Deno is too old. */
export function checkDeno(version: string = process.versions.deno ?? "0"): void {
  if (isAtLeast(version, leastDeno)) return;
  throw new BirdsongError(
    `Deno ${leastDeno} or newer is needed, but this is Deno ${version}. ` +
      `Run "npx -y deno@${leastDeno} task start", or "deno upgrade".`,
  );
}

/**
 * The path of the Node that `node` means.
 *
 * @throws {BirdsongError} if there is none, or it is too old.
 */
export async function findNode(): Promise<string> {
  // Where there is no Node, Deno runs the code itself and calls itself Node.
  const code = "const { node, deno } = process.versions;" +
    "console.log(deno ? '' : [node, process.execPath].join('\\n'))";
  const { code: exit, output } = await run("node", ["-e", code]);
  const [version, path] = exit === 0 ? output.trim().split(/\r?\n/) : [];
  if (path && isAtLeast(version, leastNode)) return path;
  const found = path ? `but "node" is Node ${version} (${path})` : `but "node" does not run`;
  throw new BirdsongError(
    `Node 20.19 or newer is needed, ${found}. ` +
      `Install a current Node (https://nodejs.org) so that "node --version" shows it, and run the ` +
      `same command again.`,
  );
}

/**
 * The path of a Python that is new enough: `python3` if it is, else the newest of its siblings.
 *
 * @throws {BirdsongError} if there is none.
 */
export async function findPython(): Promise<string> {
  const code = "import sys; print('%d.%d.%d' % sys.version_info[:3]); print(sys.executable)";
  const tooOld = new Set<string>();
  for (const [command, ...args] of pythons) {
    const { code: exit, output } = await run(command, [...args, "-c", code]);
    // A command may exist and fail: shims of version managers do, for versions not selected.
    const [version, path] = exit === 0 ? output.trim().split(/\r?\n/).slice(-2) : [];
    if (!path) continue;
    if (isAtLeast(version, leastPython)) return path;
    tooOld.add(`${version} (${path})`);
  }
  const found = tooOld.size > 0 ? `found only ${[...tooOld].join(", ")}` : "found none";
  throw new BirdsongError(
    `Python 3.10 or newer is needed; ${found}. Install it (https://www.python.org, or the system's ` +
      `package manager) so that "python3 --version" shows it, and run the same command again.`,
  );
}

const pythons = [
  ["python3"],
  ["python3.13"],
  ["python3.12"],
  ["python3.11"],
  ["python3.10"],
  ["python"],
  ["py", "-3"],
];

/** Compares versions such as `20.9.0` and `20.19.0` number by number. */
export function isAtLeast(version: string, least: string): boolean {
  const [found, wanted] = [version, least].map((text) => text.split(".").map(parseFloat));
  for (const [index, number] of wanted.entries()) {
    const other = found[index] ?? 0;
    if (other !== number) return other > number;
  }
  return true;
}
