import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cellModule } from "../../scripts/cells/cell_module.ts";
import type { Cell } from "../../scripts/notebooks/notebook.ts";
import { writeNotebook } from "./notebook_fixture.ts";
import { runScript } from "./script.ts";

/** The cells of a notebook, `a`, `b`, ... in order. */
function codeCells(...sources: string[]): Cell[] {
  return sources.map((source, i) => ({ id: "abc"[i], cell_type: "code", metadata: {}, source }));
}

async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a module has the cells' code in order, and knows where each line stands", () => {
  const words: Cell = { cell_type: "markdown", metadata: {}, source: "# Title\n\nText" };
  const [a, b, c] = codeCells("1;\n2;", "", "3;");
  const module = cellModule([a, words, b, c]);
  assert.equal(module.text, "1;\n2;\n\n3;\nexport {};\n");
  assert.deepEqual([1, 2, 3, 4].map(module.place), [
    { cell: "a", line: 1 },
    { cell: "a", line: 2 },
    { cell: "b", line: 1 },
    { cell: "c", line: 1 },
  ]);
});

Deno.test("what a later cell imports again becomes blank, and nothing else moves", () => {
  const { text } = cellModule(codeCells(
    `import { a, type B } from "x";\nimport d from "y";\nimport "z";`,
    `import {\n  B,\n  c,\n} from "x"; c;\nimport d from "y"; import { a } from "other";`,
    `const text = 'import { a } from "x";';\nimport * as all from "x";`,
  ));
  assert.deepEqual(text.split("\n").slice(3), [
    "import {",
    "    ",
    "  c,",
    `} from "x"; c;`,
    `                   import { a } from "other";`,
    `const text = 'import { a } from "x";';`,
    `import * as all from "x";`,
    "export {};",
    "",
  ]);
});

Deno.test("a wrong type, an unused name and a crooked cell are told with notebook, cell and line", () =>
  withFolder(async (folder) => {
    writeNotebook(folder, "01_wrong.ipynb", [
      `import { parameters } from "birdsong";`,
      `\nconst lake: number = parameters().lake;`,
      `let unused = 1;`,
      `console.log( lake );`,
    ]);
    writeNotebook(folder, "02_right.ipynb", [`const lake = await Promise.resolve(1);`, "lake;"]);
    const { code, stdout } = await runScript("cells", ["--notebooks", folder]);
    assert.equal(code, 1);
    assert.match(stdout, /^not formatted: \S+01_wrong\.ipynb, cell-1, cell-3 \(/);
    assert.match(
      stdout,
      /TS2322.*'string'.*'number'[^]*at \S+01_wrong\.ipynb, cell cell-1, line 2/,
    );
    assert.match(stdout, /01_wrong\.ipynb, cell cell-2, line 1 - .*`unused` is never used/);
    assert.doesNotMatch(stdout, /02_right/);
  }));

Deno.test("--fix formats the cells, and leaves the rest of the file as it is", () =>
  withFolder(async (folder) => {
    const notebook = writeNotebook(folder, "01_crooked.ipynb", [`console.log( 1 )`, `1;`]);
    const before = readFileSync(notebook, "utf8");
    const { code, stdout } = await runScript("cells", ["--notebooks", folder, "--fix"]);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /^formatted: \S+01_crooked\.ipynb, cell-0\n/);
    const after = readFileSync(join(folder, "01_crooked.ipynb"), "utf8");
    assert.deepEqual(
      JSON.parse(after),
      JSON.parse(before.replace("console.log( 1 )", "console.log(1);")),
    );
  }));

Deno.test("a notebook that does not name its language is refused, and not passed over", () =>
  withFolder(async (folder) => {
    const notebook = writeNotebook(folder, "01_any.ipynb", [`console.log( 1 )`]);
    const text = readFileSync(notebook, "utf8");
    writeFileSync(notebook, text.replace(/,"language_info":\{.*?\}/, ""));
    const { code, stderr } = await runScript("cells", ["--notebooks", folder]);
    assert.equal(code, 1);
    assert.match(stderr, /01_any\.ipynb does not name its language/);
  }));
