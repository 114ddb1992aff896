import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { judgeSuite } from "../../scripts/test/judge.ts";
import { parseJunit } from "../../scripts/test/junit.ts";
import { jupyterEnvironment, projectPython } from "../../scripts/notebooks/python.ts";
import { writeNotebook } from "./notebook_fixture.ts";

/** Runs test modules under `deno test`, and judges the report. */
async function judged(modules: Record<string, string>) {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(modules)) writeFileSync(join(folder, name), text);
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "--allow-all", "--no-config", "--junit-path=report.xml", "."],
      cwd: folder,
      stdout: "null",
      stderr: "null",
    }).output();
    const report = join(folder, "report.xml");
    const junit = existsSync(report) ? readFileSync(report, "utf8") : undefined;
    return judgeSuite({ exitCode: code, junit, files: Object.keys(modules) });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const passing = `Deno.test("fine", () => {}); Deno.test("<also> \\"fine\\" > 1", () => {});`;
const failing = `Deno.test("bad", () => { throw new Error("]]> <testcase name='x'/>"); });`;

Deno.test("a passing suite counts its tests and those it skipped", async () => {
  const skipping = `Deno.test({ name: "not here", ignore: true, fn() {} });`;
  assert.deepEqual(await judged({ "a.test.ts": passing, "b.test.ts": skipping }), {
    ...{ passed: 2, failed: 0, skipped: 1 },
    notes: [],
  });
});

Deno.test("a failing test counts once, whatever its message looks like", async () => {
  assert.deepEqual(await judged({ "a.test.ts": passing, "b.test.ts": failing }), {
    ...{ passed: 2, failed: 1, skipped: 0 },
    notes: [],
  });
});

Deno.test("a module that does not load counts as failed beside others that fail", async () => {
  const broken = `throw new Error("cannot load"); ${passing}`;
  assert.deepEqual(await judged({ "a.test.ts": failing, "b.test.ts": broken }), {
    ...{ passed: 0, failed: 2, skipped: 0 },
    notes: ["b.test.ts reported no test"],
  });
});

Deno.test("a suite that crashes counts every module, and that there is no report", async () => {
  const crash = `Deno.test("crash", () => Deno.kill(Deno.pid, "SIGKILL"));`;
  const { passed, failed, notes } = await judged({ "a.test.ts": passing, "b.test.ts": crash });
  assert.deepEqual({ passed, failed }, { passed: 0, failed: 3 });
  assert.match(notes.join("; "), /a.test.ts reported.*b.test.ts reported.*no report was written/);
});

Deno.test("a module without tests, and a suite without modules, count as failed", async () => {
  const none = await judged({ "a.test.ts": passing, "b.test.ts": "export {};" });
  assert.deepEqual([none.passed, none.failed, none.notes], [2, 1, ["b.test.ts reported no test"]]);
  const empty = judgeSuite({ exitCode: 0, junit: "<testsuites></testsuites>", files: [] });
  assert.deepEqual([empty.failed, empty.notes], [1, ["the report holds no test"]]);
});

Deno.test("an exit code that no failing test explains counts as a failure", () => {
  const junit = `<testsuite name="s"><testcase name="t"/></testsuite>`;
  const { passed, failed, notes } = judgeSuite({ exitCode: 1, junit, files: [] });
  assert.deepEqual({ passed, failed }, { passed: 1, failed: 1 });
  assert.match(notes[0], /exit code 1/);
});

Deno.test("pytest's report of notebooks is understood", async () => {
  const folder = await Deno.makeTempDir();
  try {
    writeNotebook(folder, "01_fine.ipynb", [`console.log("<testcase name='x'/>");`]);
    writeNotebook(folder, "02_bad.ipynb", [`console.log(1);`, `throw new Error("a < b");`]);
    const report = join(folder, "report.xml");
    const { code } = await new Deno.Command(projectPython(), {
      args: ["-m", "pytest", "--nbmake", "-p", "no:cacheprovider", `--junitxml=${report}`, folder],
      env: jupyterEnvironment,
      stdout: "null",
      stderr: "null",
    }).output();
    const end = { exitCode: code, junit: readFileSync(report, "utf8") };
    assert.deepEqual(judgeSuite({ ...end, files: ["01_fine.ipynb", "02_bad.ipynb"] }), {
      ...{ passed: 1, failed: 1, skipped: 0 },
      notes: [],
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("parseJunit() reads errors, skips, both kinds of quotes, CDATA and entities", () => {
  const xml = `<?xml version="1.0"?><testsuites><testsuite name='one' tests="4">
    <testcase classname="c" name="a &lt;b&gt; &amp;lt;" time="0.1"/>
    <testcase name="broken"><error message="x > y">boom</error></testcase>
    <testcase name="later"><skipped/></testcase>
    <testcase name="chatty"><system-out><![CDATA[</testcase><failure/>]]></system-out></testcase>
  </testsuite><testsuite name="two"/></testsuites>`;
  assert.deepEqual(parseJunit(xml), [
    { suite: "one", name: "a <b> &lt;", outcome: "passed" },
    { suite: "one", name: "broken", outcome: "failed" },
    { suite: "one", name: "later", outcome: "skipped" },
    { suite: "one", name: "chatty", outcome: "passed" },
  ]);
});
