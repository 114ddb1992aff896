import assert from "node:assert/strict";
import { projectPath } from "../../lib/paths.ts";
import { notebookOf, type Output, probe } from "./probe.ts";

for (const kernel of ["deno", "tslab"]) {
  Deno.test(`${kernel}: tables, scores and a chart stand under their own cells`, async () => {
    const notebook = projectPath("tests/notebook/fixtures/kernels.ipynb");
    const { cells, error } = await probe("run", kernel, notebook) as {
      cells: Output[][];
      error: string | null;
    };
    assert.equal(error, null);
    const texts = cells.map((outputs) => outputs.map(({ data }) => data?.["text/plain"]));
    assert.deepEqual(texts[0], ["cell 1", "tweets\n------\n   200"]);
    assert.match(String(texts[1][0]), /^cell 2 \[#{20}\] 200 of 200 /);
    assert.equal(texts[1][1], "cell 2");
    assert.match(String(texts[1][2]), /^label +score/);
    assert.equal(texts[1].length, 3);
    assert.equal(texts[2][0], "cell 3");
    assert.ok(cells[2][1].data?.["application/vnd.plotly.v1+json"]);
    assert.ok(cells[2][1].data?.["text/plain"]);
    assert.equal(texts[2].length, 2);
    assert.deepEqual(texts[3], ["cell 4"]);
  });

  Deno.test(`${kernel}: no output slips into the next cell`, async () => {
    // Inside the project, where the notebook finds the library.
    const folder = await Deno.makeTempDir({ dir: projectPath("tests/notebook") });
    try {
      const cells = ['import { show } from "birdsong";'];
      for (let number = 1; number <= 40; number++) cells.push(`await show("cell ${number}");`);
      const notebook = `${folder}/many_cells.ipynb`;
      await Deno.writeTextFile(notebook, JSON.stringify(notebookOf(cells)));
      const result = await probe("run", kernel, notebook) as { cells: Output[][] };
      const texts = result.cells.map((outputs) => outputs.map(({ data }) => data?.["text/plain"]));
      assert.deepEqual(texts, cells.map((_, number) => number === 0 ? [] : [`cell ${number}`]));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });

  Deno.test(`${kernel}: the stop button ends the cell and leaves the kernel alive`, {
    ignore: Deno.build.os === "windows", // Jupyter has no signal there for other kernels than Python
  }, async () => {
    const { cells, alive } = await probe("stop", kernel, projectPath("tests/notebook"));
    const [imported, first, second, last] = cells;
    assert.deepEqual(imported, { status: "ok", texts: [] });
    for (const { status, texts } of [first, second]) {
      assert.equal(status, "error");
      assert.equal(texts[0], "waiting");
      assert.match(texts[1], /Interrupted/);
    }
    assert.deepEqual(last, { status: "ok", texts: ["alive"] });
    assert.equal(alive, true);
  });
}
