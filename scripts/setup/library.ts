import { readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { BirdsongError } from "../../lib/errors.ts";
import { projectPath } from "../../lib/paths.ts";
import { run } from "./run.ts";
import { digestOf, isStamped } from "./stamp.ts";
import type { Step } from "./step.ts";
import { findNode } from "./versions.ts";

const target = projectPath("node_modules/birdsong");
const stampFile = join(target, ".birdsong-stamp");
const stamp = (): string => digestOf([...sources(), projectPath("scripts/setup/library.ts")]);

/**
 * The library as an npm package in node_modules/birdsong/, for the tslab kernel: that one knows
 * CommonJS only, and resolves `import "birdsong"` as Node does. Deno runs lib/ as it is.
 */
export const library: Step = {
  label: "Building the library for the tslab kernel",
  isDone: () => isStamped(stampFile, stamp()),
  async run() {
    const built = stamp();
    const node = await findNode();
    const folder = projectPath("node_modules/.birdsong-build");
    rmSync(folder, { recursive: true, force: true });
    await build(node, "esbuild/bin/esbuild", [
      // A worker thread starts from a file of its own.
      ...["lib/mod.ts", ...sources().filter((file) => basename(file) === "worker.ts")],
      "--bundle",
      "--platform=node",
      "--target=node20",
      "--format=cjs",
      "--packages=external",
      "--outbase=lib",
      `--outdir=${folder}`,
      "--out-extension:.js=.cjs",
      "--log-override:empty-import-meta=silent",
      "--log-level=warning",
    ]);
    // The declarations only: whether the types are right is for `deno check` to say.
    await build(node, "typescript/bin/tsc", [
      "lib/mod.ts",
      ..."--declaration --emitDeclarationOnly --noCheck --skipLibCheck".split(" "),
      ..."--module esnext --moduleResolution bundler --allowImportingTsExtensions".split(" "),
      ..."--target es2023 --lib esnext,dom --types node --rootDir lib --outDir".split(" "),
      folder,
    ]);
    const manifest = { name: "birdsong", private: true, main: "mod.cjs", types: "mod.d.ts" };
    writeFileSync(join(folder, "package.json"), JSON.stringify(manifest, null, 2) + "\n");
    writeFileSync(join(folder, ".birdsong-stamp"), built);
    rmSync(target, { recursive: true, force: true });
    renameSync(folder, target);
  },
};

async function build(node: string, program: string, args: string[]): Promise<void> {
  const { code, output } = await run(node, [projectPath(`node_modules/${program}`), ...args]);
  if (code === 0) return;
  // esbuild's launcher adds its own stack trace to the reasons.
  const reasons = output.split("\nnode:child_process:")[0].trim();
  throw new BirdsongError(`the library in lib/ does not build:\n${reasons}`);
}

function sources(): string[] {
  const lib = projectPath("lib");
  return readdirSync(lib, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .sort()
    .map((name) => join(lib, name));
}
