import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { projectPath, projectRoot } from "../../lib/paths.ts";
import { closingLine, sumTallies } from "../../scripts/test/tally.ts";
import { runScript } from "./script.ts";

/** Runs suites (given as source text) as `deno task test` does. */
async function runSuites(suites: string): Promise<{ code: number; lines: string[] }> {
  const module = JSON.stringify(`file://${projectPath("scripts/test.ts")}`);
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      `import { runSuites } from ${module}; Deno.exit(await runSuites([${suites}]));`,
    ],
    cwd: projectRoot,
  }).output();
  return { code, lines: new TextDecoder().decode(stdout).split("\n") };
}

const good = `{ name: "good", run: async () => ({ passed: 3, failed: 0, skipped: 0, notes: [] }) }`;
const mixed =
  `{ name: "mixed", run: async () => ({ passed: 4, failed: 2, skipped: 1, notes: ["x.ts: no"] }) }`;
const broken = `{ name: "broken", run: async () => { throw new Error("no Python here"); } }`;

Deno.test("the last line sums all suites, and is alone", async () => {
  const { code, lines } = await runSuites(good);
  assert.equal(code, 0);
  assert.deepEqual(lines.slice(-3), ["", "3 passed, 0 failed", ""]);
});

Deno.test("a suite that breaks is one failure, says why, and the next suites run", async () => {
  const { code, lines } = await runSuites([broken, mixed, good].join(","));
  assert.equal(code, 1);
  assert.equal(lines.at(-2), "7 passed, 3 failed, 1 skipped");
  assert.ok(lines.includes("broken: no Python here"));
  assert.ok(lines.includes("mixed: x.ts: no"));
  assert.match(lines.join("\n"), /suite +passed +failed +skipped +seconds\nbroken +0 +1 +0/);
});

Deno.test("every suite gets an empty folder of its own, which is gone afterwards", async () => {
  const { lines } = await runSuites(
    `{ name: "a", run: async (folder) => { console.log("in " + folder); await Deno.writeTextFile(
      folder + "/f", "x"); return { passed: [...Deno.readDirSync(folder)].length, failed: 0,
      skipped: 0, notes: [] }; } }`,
  );
  const folder = lines.find((line) => line.startsWith("in "))!.slice(3);
  assert.equal(existsSync(folder), false);
  assert.equal(lines.at(-2), "1 passed, 0 failed");
});

Deno.test("Ctrl-C counts the suites that did not run as failed, with exit code 130", async () => {
  const interrupt = `{ name: "stops", run: async () => { Deno.kill(Deno.pid, "SIGINT");
    await new Promise((resolve) => setTimeout(resolve, 200));
    return { passed: 1, failed: 0, skipped: 0, notes: [] }; } }`;
  const { code, lines } = await runSuites([interrupt, good].join(","));
  assert.equal(code, 130);
  assert.ok(lines.includes("good: not run"));
  assert.equal(lines.at(-2), "1 passed, 1 failed");
});

Deno.test("closingLine() leaves skipped tests out where there are none", () => {
  const one = { passed: 1, failed: 0, skipped: 0 };
  assert.equal(closingLine(sumTallies([one, one])), "2 passed, 0 failed");
  assert.equal(closingLine(sumTallies([])), "0 passed, 0 failed");
  assert.equal(closingLine({ ...one, skipped: 2 }), "1 passed, 0 failed, 2 skipped");
});

Deno.test("--only names a suite that exists", async () => {
  const { code, stderr } = await runScript("test", ["--only", "unit,unti"]);
  assert.equal(code, 2);
  assert.match(stderr, /no suite "unti"; there are format, lint, types, cells, unit/);
});
