import assert from "node:assert/strict";
import { projectPath } from "../../lib/paths.ts";
import { interrupt, InterruptedError } from "../../lib/notebook/interrupt.ts";
import { liveOutput } from "../../lib/notebook/live.ts";
import { notebookOf, type Output, probe } from "./probe.ts";

for (const kernel of ["deno", "tslab"]) {
  Deno.test(`${kernel}: a live output stays one output, and shows what it was given last`, async () => {
    // Inside the project, where the notebook finds the library.
    const folder = await Deno.makeTempDir({ dir: projectPath("tests/notebook") });
    try {
      const cells = [
        `import { barChart, liveOutput, show } from "birdsong";
         const live = liveOutput();
         const other = liveOutput();
         await live.update("first");
         await other.update("beside");
         for (let n = 1; n <= 20; n++) await live.update([{ n: n, text: "<b>bold</b>" }]);
         await show("below");`,
        `const chart = liveOutput();
         const rows = [{ label: "positive", value: 1 }, { label: "all", value: 2 }];
         for (const title of ["one", "two"]) {
           await chart.update(barChart({ title: title, rows: rows, xTitle: "x", yTitle: "y" }));
         }`,
      ];
      const notebook = `${folder}/live.ipynb`;
      await Deno.writeTextFile(notebook, JSON.stringify(notebookOf(cells)));
      const result = await probe("run", kernel, notebook) as { cells: Output[][]; error: unknown };
      assert.equal(result.error, null);
      const [first, second] = result.cells.map((outputs) => outputs.map(({ data }) => data!));
      assert.equal(first.length, 3);
      assert.match(String(first[0]["text/plain"]), /^ *n +text\n.*\n *20 +<b>bold<\/b>$/);
      assert.match(String(first[0]["text/html"]), /&lt;b&gt;bold/);
      assert.equal(first[1]["text/plain"], "beside");
      assert.equal(first[2]["text/plain"], "below");
      assert.equal(second.length, 1);
      assert.match(String(second[0]["image/svg+xml"]), /<svg[^]*two/);
      // Front ends would go on drawing the first one.
      assert.equal(second[0]["application/vnd.plotly.v1+json"], undefined);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

Deno.test("a loop with a live output stops when the stop button is pressed, also while it waits", async () => {
  const live = liveOutput();
  await live.update("one");
  interrupt();
  await assert.rejects(live.update("two"), InterruptedError);
  await liveOutput().update("in the next cell");
});
