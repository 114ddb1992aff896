import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { projectPath } from "../../lib/paths.ts";
import { runNotebooks } from "../../scripts/notebooks/run_notebooks.ts";
import { printedIn, writeNotebook } from "./notebook_fixture.ts";
import { runScript } from "./script.ts";

// The Deno kernel loses what a cell printed just before it ended.
const pause = "await new Promise((resolve) => setTimeout(resolve, 500));";
const hang = "await new Promise((resolve) => setTimeout(resolve, 3_600_000));";

/** A folder for notebooks and one for their executed copies, removed afterwards. */
async function withFolders(test: (folder: string, out: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder, join(folder, "out"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("notebooks run in order, in their folder, with the parameters of the command line", () =>
  withFolders(async (folder, out) => {
    const source = join(folder, "my tweets");
    mkdirSync(source);
    writeNotebook(folder, "02_second.ipynb", [
      `import { readFileSync } from "node:fs";`,
      `console.log("second after " + readFileSync("first.txt", "utf8"));\n${pause}`,
    ]);
    writeNotebook(folder, "01_first.ipynb", [
      `import { writeFileSync } from "node:fs";`,
      ``,
      `writeFileSync("first.txt", "first, source " + process.env.BIRDSONG_SOURCE);`,
    ]);
    writeNotebook(folder, "draft.ipynb", [`throw new Error("not numbered, not run");`]);
    const args = ["--notebooks", folder, "--out", out, "--source", source];
    const { code, stdout, stderr } = await runScript("notebooks", args);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /Report: .*report\.html/);
    assert.match(stdout, /^notebook +state +seconds\n01_first.ipynb +passed +[\d.]+\n02_second/);
    assert.deepEqual(
      readdirSync(out).sort(),
      ["01_first.ipynb", "02_second.ipynb", "junit.xml", "report.html"],
    );
    assert.match(printedIn(join(out, "02_second.ipynb")), /second after first, source .*my tweets/);
    assert.equal(
      printedIn(join(folder, "02_second.ipynb")),
      "",
      "the notebook itself is untouched",
    );
  }));

Deno.test("a failing cell is quoted, keeps its outputs, and ends the run with exit code 1", () =>
  withFolders(async (folder, out) => {
    writeNotebook(folder, "01_fails.ipynb", [
      `console.log("so far so good");\n${pause}`,
      `const wanted = "gold";\nthrow new Error(\`no table \${wanted}\`);`,
      `console.log("never");`,
    ]);
    writeNotebook(folder, "02_later.ipynb", [`console.log(1);`]);
    const args = ["--notebooks", folder, "--out", out, "--json"];
    const { code, stdout, stderr } = await runScript("notebooks", args);
    assert.equal(code, 1);
    const [first, second] = JSON.parse(stdout);
    assert.equal(first.state, "failed");
    assert.equal(first.failure.cell, 2);
    assert.match(first.failure.source, /wanted = "gold"/);
    assert.match(first.failure.error, /^Error: no table gold/);
    assert.deepEqual(second, { notebook: "02_later.ipynb", state: "not run", seconds: 0 });
    assert.match(stderr, /01_fails\.ipynb failed in cell \[2\]:\n\n +const wanted/);
    assert.match(stderr, /Error: no table gold/);
    assert.equal(printedIn(join(out, "01_fails.ipynb")), "so far so good\n");
    assert.equal(existsSync(join(out, "02_later.ipynb")), false);
    const report = readFileSync(join(out, "report.html"), "utf8");
    assert.match(report, /so far so good[^]*This cell failed[^]*Error: no table gold/);
    assert.match(readFileSync(join(out, "junit.xml"), "utf8"), /cell \[2\]: Error: no table gold/);
  }));

Deno.test("a notebook that does not end is stopped after --timeout, with the cell and advice", () =>
  withFolders(async (folder, out) => {
    // Nothing that is sent to the kernel ends this loop.
    writeNotebook(folder, "01_hangs.ipynb", [`const a = 1;`, `for (;;);`]);
    const args = ["--notebooks", folder, "--out", out, "--timeout", "3"];
    const { code, stderr } = await runScript("notebooks", args);
    assert.equal(code, 1);
    assert.match(stderr, /failed in cell \[2\]:\s+for \(;;\);/);
    assert.match(stderr, /did not end within 3 s; this cell was running for \d+ s.*--timeout/);
  }));

Deno.test("a notebook's metadata may say how long it may take", () =>
  withFolders(async (folder, out) => {
    const notebooks = [writeNotebook(folder, "01_hangs.ipynb", [hang])];
    const text = readFileSync(notebooks[0], "utf8");
    const metadata = `"metadata":{"execution":{"timeout":1},"kernelspec"`;
    writeFileSync(notebooks[0], text.replace(`"metadata":{"kernelspec"`, metadata));
    const { results } = await runNotebooks({ notebooks, kernel: "deno", out });
    assert.match(results[0].failure!.error, /did not end within 1 s/);
  }));

/** A folder for notebooks inside the project, which find the library there. */
async function withProjectFolder(test: (folder: string, out: string) => Promise<void>) {
  const folder = await Deno.makeTempDir({ dir: projectPath("tests/scripts") });
  try {
    await test(folder, join(folder, "out"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const kernel of ["deno", "tslab"] as const) {
  Deno.test(`${kernel}: a promise that fails unheeded, or a kernel that ends, is a failure of its cell`, () =>
    withProjectFolder(async (folder, out) => {
      const cases: [name: string, cell: string, error: RegExp][] = [
        [
          "01_rejection.ipynb",
          `void (async () => {\n  await 0;\n  throw new Error("not awaited");\n})();`,
          /UnhandledPromiseRejection: Error: not awaited/,
        ],
        ["02_dies.ipynb", `void setTimeout(() => process.exit(3), 5);`, /The kernel ended/],
      ];
      for (const [name, cell, error] of cases) {
        const notebooks = [writeNotebook(folder, name, [`import { show } from "birdsong";`, cell])];
        const { results } = await runNotebooks({ notebooks, kernel, out });
        assert.equal(results[0].failure?.cell, 2, results[0].failure?.error ?? name);
        assert.match(results[0].failure!.error, error);
      }
    }));

  Deno.test(`${kernel}: an output that comes after its cell's end is put in its place, and told`, () =>
    withFolders(async (folder, out) => {
      // Prints when the next code that sets a timer runs, which is not of this notebook.
      const late = `const set: any = globalThis.setTimeout;\n` +
        `(globalThis as any).setTimeout = (...args: any[]) => {\n` +
        `  globalThis.setTimeout = set;\n` +
        `  console.log("late");\n` +
        `  return set(...args);\n` +
        `};\nvoid 0;`;
      writeNotebook(folder, "01_late.ipynb", [`const a = 1;`, late, `console.log("x");\n${pause}`]);
      const args = ["--notebooks", folder, "--out", out, "--kernel", kernel, "--json"];
      const { code, stdout, stderr } = await runScript("notebooks", args);
      assert.equal(code, 0, stderr);
      assert.deepEqual(JSON.parse(stdout)[0].late, [2]);
      assert.match(stderr, /01_late\.ipynb: an output of cell \[2\] came after its end/);
      assert.equal(printedIn(join(out, "01_late.ipynb")), "late\nx\n");
    }));
}

Deno.test("a cell that was not run is a failure of that cell", () =>
  withFolders(async (folder, out) => {
    const notebooks = [writeNotebook(folder, "01_skips.ipynb", [`1;`, `2;`, `3;`])];
    const text = readFileSync(notebooks[0], "utf8");
    const tagged = `"metadata":{"tags":["skip-execution"]},"outputs":[],"source":"2;"`;
    writeFileSync(
      notebooks[0],
      text.replace(`"metadata":{},"outputs":[],"source":"2;"`, tagged),
    );
    const { results } = await runNotebooks({ notebooks, kernel: "deno", out });
    assert.equal(results[0].failure?.cell, 2);
    assert.match(results[0].failure!.error, /not run/);
  }));

Deno.test("a kernel that ends in a cell is a failure of that cell", () =>
  withFolders(async (folder, out) => {
    const notebook = writeNotebook(folder, "01_dies.ipynb", [`const a = 1;`, `process.exit(3);`]);
    const notebooks = [notebook];
    const { results } = await runNotebooks({ notebooks, kernel: "deno", out, timeout: 60 });
    assert.equal(results[0].failure?.cell, 2);
    assert.match(results[0].failure!.error, /The kernel ended/);
  }));

Deno.test("what is wrong before the first cell is told without one", () =>
  withFolders(async (folder, out) => {
    const good = writeNotebook(folder, "01_good.ipynb", [`1;`]);
    const absent = "absent" as "deno";
    const noKernel = await runNotebooks({ notebooks: [good], kernel: absent, out, timeout: 60 });
    assert.equal(noKernel.results[0].failure?.cell, null);
    assert.match(noKernel.results[0].failure!.error, /no Jupyter kernel "absent".*deno task setup/);

    const bad = join(folder, "02_bad.ipynb");
    writeFileSync(bad, "{ not a notebook");
    writeFileSync(join(out, "02_bad.ipynb"), "the copy of an earlier run");
    const noJson = await runNotebooks({ notebooks: [bad], kernel: "deno", out, timeout: 60 });
    assert.equal(noJson.results[0].state, "failed");
    assert.match(noJson.results[0].failure!.error, /JSON/);
    assert.equal(existsSync(join(out, "02_bad.ipynb")), false);
  }));

Deno.test("what a killed run was writing is removed, and what another one writes is not", () =>
  withFolders(async (folder, out) => {
    mkdirSync(out);
    const [killed, running] = [".01_good.ipynb.11", ".01_good.ipynb.22"].map((name) =>
      join(out, name)
    );
    for (const path of [killed, running]) writeFileSync(path, "{");
    const twoMinutesAgo = Date.now() / 1000 - 120;
    utimesSync(killed, twoMinutesAgo, twoMinutesAgo);
    const notebooks = [writeNotebook(folder, "01_good.ipynb", [`1;`])];
    await runNotebooks({ notebooks, kernel: "absent" as "deno", out });
    assert.deepEqual([killed, running].map((path) => existsSync(path)), [false, true]);
  }));

Deno.test("tslab's failures are found, though it sends no error message", () =>
  withFolders(async (folder, out) => {
    const cases: [name: string, cell: string, error: RegExp][] = [
      ["01_throws.ipynb", `throw new Error("no table gold");`, /Error: no table gold/],
      ["02_types.ipynb", `const rows: number = "many";`, /Type 'string' is not assignable/],
      [
        "03_timer.ipynb",
        `setTimeout(() => { throw new Error("late"); }, 5);\n` +
        `await new Promise((resolve) => setTimeout(resolve, 300));`,
        /UncaughtException: Error: late/,
      ],
    ];
    for (const [name, cell, error] of cases) {
      const notebooks = [writeNotebook(folder, name, [`const fine = 1;`, cell])];
      const { results } = await runNotebooks({ notebooks, kernel: "tslab", out, timeout: 60 });
      assert.equal(results[0].failure?.cell, 2, name);
      assert.match(results[0].failure!.error, error);
    }
    const executed = JSON.parse(readFileSync(join(out, "01_throws.ipynb"), "utf8"));
    assert.equal(executed.metadata.kernelspec.name, "tslab");
  }));

Deno.test("half a surrogate pair, which tslab passes on, does not break the executed copy", () =>
  withFolders(async (folder, out) => {
    const notebooks = [writeNotebook(folder, "01_half.ipynb", [`console.log("a\\ud800b");`])];
    const { results } = await runNotebooks({ notebooks, kernel: "tslab", out, timeout: 60 });
    assert.equal(results[0].state, "passed");
    assert.match(printedIn(join(out, "01_half.ipynb")), /^a.b$/m);
  }));

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test({
    name: `${signal} ends the kernel and what it started`,
    ignore: Deno.build.os !== "linux",
    fn: () =>
      withFolders(async (folder, out) => {
        writeNotebook(folder, "01_hangs.ipynb", [
          `import { spawn } from "node:child_process";\n` +
          `import { writeFileSync } from "node:fs";\n` +
          `const child = spawn("sleep", ["3600"]);\n` +
          `writeFileSync("pids", process.pid + " " + child.pid + " .");\n` +
          hang,
        ]);
        writeNotebook(folder, "02_later.ipynb", [`1;`]);
        const script = projectPath("scripts/notebooks.ts");
        const args = ["run", "-A", script, "--notebooks", folder, "--out", out, "--json"];
        // A process group of its own: Ctrl-C in a terminal reaches all members of one.
        const runner = spawn(Deno.execPath(), args, { detached: true });
        let stdout = "";
        runner.stdout.on("data", (data) => stdout += data);
        const ended = new Promise<number | null>((resolve) => runner.on("close", resolve));
        const pids = await readWhenWritten(join(folder, "pids"));
        process.kill(signal === "SIGINT" ? -runner.pid! : runner.pid!, signal);
        assert.equal(await ended, 130);
        assert.deepEqual(
          JSON.parse(stdout).map(({ state }: { state: string }) => state),
          ["not run", "not run"],
        );
        for (const pid of pids) {
          assert.equal(existsSync(`/proc/${pid}`) && !isZombie(pid), false, `${pid} is gone`);
        }
      }),
  });
}

Deno.test("a wrong call is told before anything runs", async () => {
  assert.equal((await runScript("notebooks", ["--kernel", "python3"])).code, 2);
  assert.equal((await runScript("notebooks", ["--timeout", "soon"])).code, 2);
  const noSource = await runScript("notebooks", ["--source", "/nowhere/at/all"]);
  assert.equal(noSource.code, 2);
  assert.match(noSource.stderr, /\/nowhere\/at\/all does not exist/);
  await withFolders(async (folder) => {
    const empty = await runScript("notebooks", ["--notebooks", folder]);
    assert.match(empty.stderr, /holds no notebook/);
    writeNotebook(folder, "03_bronze.ipynb", [`1;`]);
    const absent = await runScript("notebooks", ["--notebooks", folder, "--only", "03,7"]);
    assert.equal(absent.code, 2);
    assert.match(absent.stderr, /no notebook 07 .* there are 03/);
  });
});

async function readWhenWritten(path: string): Promise<string[]> {
  for (;;) {
    const [kernel, child, end] = existsSync(path) ? readFileSync(path, "utf8").split(" ") : [];
    if (end) return [kernel, child];
    await delay(50);
  }
}

function isZombie(pid: string): boolean {
  return readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
}
