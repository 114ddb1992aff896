import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { projectPath } from "../../lib/paths.ts";
import { findNode } from "../../scripts/setup/versions.ts";

const fixture = fileURLToPath(new URL("fixtures/exit_while_scoring.ts", import.meta.url));
const model = projectPath("data/model");

async function run(command: string, args: string[]): Promise<{ code: number; stderr: string }> {
  const child = new Deno.Command(command, { args, stdout: "null", stderr: "piped" });
  const { code, stderr } = await child.output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

/** Bundles a file as the library is bundled for the tslab kernel. */
async function bundle(node: string, file: string, target: string): Promise<void> {
  const { code, stderr } = await run(node, [
    projectPath("node_modules/esbuild/bin/esbuild"),
    file,
    ..."--bundle --platform=node --target=node20 --format=cjs --packages=external".split(" "),
    "--log-override:empty-import-meta=silent",
    `--outfile=${target}`,
  ]);
  assert.equal(code, 0, stderr);
}

Deno.test("a process that ends while its threads score has the exit code it was given", async () => {
  mkdirSync(projectPath("output"), { recursive: true });
  // Inside the project, where the packages are found.
  const folder = mkdtempSync(projectPath("output/exit-"));
  try {
    const node = await findNode();
    const program = join(folder, "exit.cjs");
    await bundle(node, fixture, program);
    await bundle(
      node,
      projectPath("lib/sentiment/worker.ts"),
      join(folder, "sentiment/worker.cjs"),
    );
    for (const milliseconds of ["0", "100", "300"]) {
      const { code, stderr } = await run(node, [program, model, milliseconds]);
      assert.equal(code, 7, `Node, after ${milliseconds} ms: ${stderr}`);
    }
    const { code, stderr } = await run(Deno.execPath(), ["run", "-A", fixture, model, "100"]);
    assert.equal(code, 7, stderr);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
