import { existsSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";

// Deno runs these files as they are (ES modules); Node runs a CommonJS bundle of them, in which
// `import.meta` is empty and `__dirname` exists. This is the only file that has to know.
declare const __dirname: string;
const here: string = import.meta.dirname ?? __dirname;

/** Whether this is the CommonJS bundle that Node (the tslab kernel) loads. */
const isBundle: boolean = import.meta.dirname === undefined;

/** The project's folder, the one with `deno.json`, as an absolute path. */
export const projectRoot: string = findProjectRoot(here);

/**
 * An absolute path from one that may be relative to the project's folder, so that a notebook, a
 * command and a test mean the same file whatever their working directory is.
 */
export function projectPath(path: string): string {
  return isAbsolute(path) ? path : resolve(projectRoot, path);
}

/** The file to start a worker thread from: `lib/<name>.ts`, or its bundle beside this one. */
export function workerFile(name: string): string {
  return isBundle ? join(here, `${name}.cjs`) : join(here, `${name}.ts`);
}

function findProjectRoot(from: string): string {
  for (let folder = from;; folder = dirname(folder)) {
    if (existsSync(join(folder, "deno.json"))) return folder;
    if (folder === dirname(folder)) {
      throw new Error(`no deno.json in ${from} or above it: the library runs inside its project`);
    }
  }
}
