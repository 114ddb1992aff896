import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { BirdsongError } from "../../lib/errors.ts";
import { projectPath, projectRoot } from "../../lib/paths.ts";
import { run } from "./run.ts";
import type { Step } from "./step.ts";
import { findNode } from "./versions.ts";

/** How Jupyter starts a kernel. */
interface Kernelspec {
  argv: string[];
  display_name: string;
  language: string;
}

/** The kernels `deno` and `tslab`, where the Jupyter of .venv/ finds them. */
export const kernelspecs: Step = {
  label: "Installing notebook kernels",
  isDone() {
    const tslab = read("tslab");
    const node = tslab?.argv[0] ?? "";
    return existsSync(node) && existsSync(denoBinary()) &&
      same(tslab, tslabSpec(node)) && same(read("deno"), denoSpec());
  },
  async run() {
    const node = await findNode();
    // The npm package puts the binary of this platform in its place when it is first asked for it.
    const ended = await run(node, ["-e", "require('deno/install_api.cjs').runInstall()"]);
    if (ended.code !== 0 || !existsSync(denoBinary())) {
      throw new BirdsongError(`the npm package deno brought no binary: ${ended.output.trim()}`);
    }
    write("deno", denoSpec());
    write("tslab", tslabSpec(node));
  },
};

function denoBinary(): string {
  return projectPath(`node_modules/deno/deno${process.platform === "win32" ? ".exe" : ""}`);
}

function denoSpec(): Kernelspec {
  const argv = [denoBinary(), "jupyter", "--kernel", "--conn", "{connection_file}"];
  // The stop button sends SIGINT. The library listens to it; until a cell has imported the library,
  // the kernel has to ignore it, or it would end. (`interrupt_mode: "message"` is no way out: with
  // it, the kernel stays busy for good when a cell is stopped in an `await`.)
  const ignoring = ["/bin/sh", "-c", `trap '' INT; exec "$0" "$@"`];
  return {
    argv: process.platform === "win32" ? argv : [...ignoring, ...argv],
    display_name: "Deno",
    language: "typescript",
  };
}

function tslabSpec(node: string): Kernelspec {
  const main = projectPath("node_modules/tslab/bin/tslab");
  return {
    argv: [node, main, "kernel", "--config-path={connection_file}"],
    display_name: "TypeScript (tslab)",
    language: "typescript",
  };
}

function specFile(name: string): string {
  return `${projectRoot}/.venv/share/jupyter/kernels/${name}/kernel.json`;
}

function read(name: string): Kernelspec | undefined {
  const file = specFile(name);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}

function write(name: string, spec: Kernelspec): void {
  mkdirSync(dirname(specFile(name)), { recursive: true });
  writeFileSync(specFile(name), JSON.stringify(spec, null, 2) + "\n");
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
