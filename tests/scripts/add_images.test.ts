import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { barChart } from "../../lib/charts/mod.ts";
import { addImages } from "../../scripts/notebooks/add_images.ts";

Deno.test("addImages() gives interactive figures a PNG, and leaves everything else as it was", async () => {
  const out = await Deno.makeTempDir();
  try {
    const titles = { title: "Birds", xTitle: "count", yTitle: "bird" };
    const figure = await barChart({ ...titles, rows: [{ label: "robin", value: 2 }] }).mimeBundle();
    const { "image/svg+xml": svg, "text/plain": words } = figure;
    // As nbformat writes them: text in lines.
    const lined = { ...figure, "image/svg+xml": svg.split(/(?<=>)/) };
    const live = { "image/svg+xml": svg, "text/plain": words };
    const notebook = {
      cells: [
        { cell_type: "markdown", source: "no outputs" },
        {
          cell_type: "code",
          outputs: [{ data: lined }, { data: live }, { text: "a\ud83d\ude00" }],
        },
      ],
      nbformat: 4,
    };
    writeFileSync(join(out, "01_a.ipynb"), JSON.stringify(notebook));
    writeFileSync(join(out, "02_old.ipynb"), "of an earlier run");
    await addImages(out, [
      { notebook: "01_a.ipynb", state: "passed", seconds: 1 },
      { notebook: "01_unreadable.ipynb", state: "failed", seconds: 1 },
      { notebook: "02_old.ipynb", state: "not run", seconds: 0 },
    ]);
    const changed = JSON.parse(readFileSync(join(out, "01_a.ipynb"), "utf8"));
    const { data } = changed.cells[1].outputs[0];
    const png = Buffer.from(data["image/png"], "base64");
    assert.equal(png.subarray(1, 4).toString(), "PNG");
    assert.equal(png.readUInt32BE(16), 800, "its width in pixels");
    delete data["image/png"];
    assert.deepEqual(changed, notebook);
    assert.deepEqual(readdirSync(out).sort(), ["01_a.ipynb", "02_old.ipynb"]);
  } finally {
    await Deno.remove(out, { recursive: true });
  }
});

Deno.test("addImages() names a figure that cannot be drawn, and goes on with the others", async () => {
  const out = await Deno.makeTempDir();
  const printed: string[] = [];
  const { error } = console;
  console.error = (line: string) => void printed.push(line);
  try {
    const figureOf = (svg: string) => ({
      data: { "application/vnd.plotly.v1+json": {}, "image/svg+xml": svg },
    });
    const drawable = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>';
    const notebook = {
      cells: [
        { id: "01-02", outputs: [figureOf("<svg")] },
        { id: "01-03", outputs: [figureOf(drawable)] },
      ],
    };
    writeFileSync(join(out, "01_a.ipynb"), JSON.stringify(notebook));
    await addImages(out, [{ notebook: "01_a.ipynb", state: "passed", seconds: 1 }]);
    const { cells } = JSON.parse(readFileSync(join(out, "01_a.ipynb"), "utf8"));
    const drawn = cells.map(({ outputs: [{ data }] }: typeof notebook.cells[0]) =>
      "image/png" in data
    );
    assert.deepEqual(drawn, [false, true]);
    assert.equal(printed.length, 1);
    assert.match(printed[0], /^01_a\.ipynb, cell 01-02: a figure has no image: /);
  } finally {
    console.error = error;
    await Deno.remove(out, { recursive: true });
  }
});
