import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectPath } from "../../lib/paths.ts";
import { runScript } from "./script.ts";

async function withFolder(test: (folder: string) => Promise<void>, dir?: string): Promise<void> {
  const folder = await Deno.makeTempDir({ dir });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("assignment writes all notebooks, with how to use them, into a new folder", () =>
  withFolder(async (folder) => {
    const out = join(folder, "new folder");
    const { code, stdout } = await runScript("assignment", ["--out", out]);
    assert.equal(code, 0);
    const notebooks = readdirSync(projectPath("notebooks")).filter((name) => /^\d\d_/.test(name));
    assert.ok(stdout.startsWith(`${notebooks.length} notebooks and a README.md written to ${out}`));
    assert.deepEqual(readdirSync(out).sort(), ["README.md", ...notebooks].sort());
    const text = readFileSync(join(out, "04_bronze_to_silver.ipynb"), "utf8");
    assert.match(text, /YOUR CODE HERE/);
    assert.match(text, /\]\(\.\.\/lib\/tweets\/silver\.ts\)/, "for the place beside notebooks/");
  }));

Deno.test("assignment leaves a folder alone that holds something, unless told otherwise", () =>
  withFolder(async (folder) => {
    writeFileSync(join(folder, "mine.txt"), "mine");
    const refused = await runScript("assignment", ["--out", folder]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /is not empty.*--force/);
    assert.deepEqual(readdirSync(folder), ["mine.txt"]);

    assert.equal((await runScript("assignment", ["--out", folder, "--force"])).code, 0);
    assert.ok(existsSync(join(folder, "mine.txt")) && existsSync(join(folder, "README.md")));
  }));

Deno.test("assignment never writes over the notebooks with the answers, nor through a link", () =>
  withFolder(async (folder) => {
    const notebooks = projectPath("notebooks");
    const link = join(folder, "link");
    symlinkSync(notebooks, link);
    for (const out of [notebooks, link]) {
      const { code, stderr } = await runScript("assignment", ["--out", out, "--force"]);
      assert.equal(code, 1);
      assert.match(stderr, /holds the notebooks with the answers/);
    }
    const text = readFileSync(join(notebooks, "04_bronze_to_silver.ipynb"), "utf8");
    assert.match(text, /BEGIN SOLUTION/);
  }));

Deno.test("in a folder deeper inside the project, links still lead to its files", () =>
  withFolder(async (folder) => {
    assert.equal((await runScript("assignment", ["--out", join(folder, "a")])).code, 0);
    const text = readFileSync(join(folder, "a/04_bronze_to_silver.ipynb"), "utf8");
    assert.match(text, /\]\(\.\.\/\.\.\/\.\.\/lib\/tweets\/silver\.ts\)/);
  }, projectPath("output")));
