import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectPath } from "../../lib/paths.ts";
import { withFolder } from "../lakehouse/with_lake.ts";
import { runScript } from "./script.ts";

const lines = [
  "1\tpositive\t@ann I love this so much, best day ever!",
  "2\tnegative\tworst service I have ever had",
  "3\tnegative\tso happy for you, congratulations",
];

Deno.test("evaluate prints report, confusion matrix and calibration, or JSON", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "labelled.tsv");
    writeFileSync(file, lines.join("\n"));
    const args = ["--in", file, "--provider", "cpu"];
    const { code, stdout, stderr } = await runScript("evaluate", args);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /accuracy +0\.667 +3\n/);
    assert.match(stdout, /given \\ predicted +negative +neutral +positive\nnegative +1 +0 +1\n/);
    assert.match(stdout, /macro-averaged recall +0\.7500\n/);
    assert.match(stdout, /expected calibration error +0\.\d{4}\n/);

    const { stdout: json } = await runScript("evaluate", [...args, "--json"]);
    const { data, model, provider, metrics, counts } = JSON.parse(json);
    assert.deepEqual([data, model, provider], ["labelled.tsv", "data/model", "cpu"]);
    assert.equal(metrics.macro_recall, 0.75);
    assert.deepEqual(counts, [[1, 0, 1], [0, 0, 0], [0, 0, 1]]);
  });
});

Deno.test("evaluate refuses a file that has no labels, with its line", async () => {
  const { code, stderr } = await runScript("evaluate", ["--in", projectPath("deno.json")]);
  assert.equal(code, 1);
  assert.match(stderr, /^evaluate: .*deno\.json, line 1: must be id, label and text/);
});
