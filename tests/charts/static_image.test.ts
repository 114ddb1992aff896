import assert from "node:assert/strict";
import { join } from "node:path";
import { JSDOM } from "jsdom";
import { installedFont } from "../../lib/charts/font.ts";
import {
  barChart,
  confusionMatrix,
  type Figure,
  lineChart,
  sentimentBarChart,
  staticImage,
} from "../../lib/charts/mod.ts";

const titles = { title: "Most praised", xTitle: "positive tweets", yTitle: "mention" };
const names = Array.from({ length: 20 }, (_, i) => `the_mention_no_${i}`);

async function svgOf(figure: Figure): Promise<Document> {
  const svg = await staticImage(figure, { format: "svg" });
  return new JSDOM(svg, { contentType: "image/svg+xml" }).window.document;
}

const texts = (image: Document) =>
  Array.from(image.querySelectorAll("text")).map((text) => text.textContent?.trim());

Deno.test("staticImage() draws each bar, with its label and value", async () => {
  const rows = names.map((label, i) => ({ label, value: 1000 + i }));
  const image = await svgOf(barChart({ ...titles, rows }));
  assert.equal(image.querySelectorAll(".bars .point path").length, 20);
  const seen = texts(image);
  for (const expected of [...names, "1,000", "1,019", ...Object.values(titles)]) {
    assert.ok(seen.includes(expected), expected);
  }
});

Deno.test("staticImage() leaves room for the longest label", async () => {
  const x = async (label: string) => {
    const image = await svgOf(barChart({ ...titles, rows: [{ label, value: 1 }] }));
    return Number(image.querySelector(".ytick text")?.getAttribute("x"));
  };
  assert.ok(await x("w".repeat(30)) - await x("w") > 200);
});

Deno.test("staticImage() shows hostile labels literally, and no markup of theirs", async () => {
  const hostile = [
    "<script>alert(1)</script>",
    '<a href="javascript:alert(1)">x',
    "<b>bold</b> &amp; &lt;i&gt;",
    "]]><svg onload=alert(1)>",
    "$x^2$ and $y$",
  ];
  const rows = hostile.map((label, i) => ({ label, value: 9 - i }));
  const counts = hostile.map(() => hostile.map(() => 1));
  const series = hostile.map((name) => ({ name, points: [{ x: 1, y: 1 }] }));
  const figures = [
    barChart({ title: hostile[0], rows, xTitle: hostile[1], yTitle: hostile[2] }),
    sentimentBarChart({
      ...titles,
      rows: hostile.map((label) => ({ label, negative: 1, neutral: 1, positive: 1 })),
    }),
    lineChart({ ...titles, title: hostile[1], series }),
    confusionMatrix({ title: hostile[1], labels: hostile, counts }),
  ];
  for (const figure of figures) {
    const image = await svgOf(figure);
    assert.equal(image.querySelector("script, a, [onload], [*|href^='javascript']"), null);
    assert.equal(image.querySelectorAll("svg svg svg").length, 0);
    const seen = texts(image);
    for (const label of hostile) assert.ok(seen.includes(label), `${label} in ${seen}`);
    assert.doesNotMatch(
      JSON.stringify(figure.data) + JSON.stringify(figure.layout),
      /<script|<a |<b>/,
    );
  }
});

Deno.test("staticImage() draws text with control characters and lone surrogates as valid XML", async () => {
  const rows = [{ label: "a\u0000b\ud800c\u202ed", value: 1 }];
  const image = await svgOf(barChart({ ...titles, rows }));
  assert.ok(texts(image).includes("a b\ufffdc d"));
});

Deno.test("staticImage() has its description for screen readers, whatever signs are in it", async () => {
  for (const title of ["in $'000", "$& $1", "$` $$ $<a>", `"'<b>&amp;`]) {
    const figure = barChart({ ...titles, title, rows: [{ label: "ann", value: 1 }] });
    const image = await svgOf(figure);
    assert.equal(image.documentElement.getAttribute("aria-label"), figure.description);
    assert.ok(figure.description.startsWith(title));
  }
});

Deno.test("staticImage() draws a PNG of the size asked for", async () => {
  const figure = confusionMatrix({ title: "Test", labels: ["a", "b"], counts: [[1, 2], [3, 4]] });
  const png = await staticImage(figure, {
    format: "png",
    width: 640,
    height: 320,
  });
  assert.deepEqual([...png.subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const header = new DataView(png.buffer, png.byteOffset);
  assert.deepEqual([header.getUint32(16), header.getUint32(20)], [640, 320]);
});

Deno.test("staticImage() draws text in a PNG, not only lines", async () => {
  const size = async (title: string) =>
    (await staticImage(barChart({ ...titles, title, rows: [] }), { format: "png" })).length;
  assert.ok(await size("A title of many letters") > await size("") + 500);
});

Deno.test("staticImage() writes dark text on a light background and light text on a dark one", async () => {
  const figure = barChart({ ...titles, rows: [{ label: "ann", value: 1 }] });
  const fill = async (background?: string) => {
    const svg = await staticImage(figure, { format: "svg", background });
    return /class="gtitle"[^>]* fill="([^"]+)"/.exec(svg)?.[1];
  };
  assert.equal(await fill(), "rgb(0, 0, 0)");
  assert.equal(await fill("#fafafa"), "rgb(0, 0, 0)");
  assert.equal(await fill("#111111"), "rgb(255, 255, 255)");
});

Deno.test("staticImage() draws several figures at once without mixing them", async () => {
  const images = await Promise.all(
    names.slice(0, 4).map((label) => svgOf(barChart({ ...titles, rows: [{ label, value: 1 }] }))),
  );
  images.forEach((image, i) => {
    assert.deepEqual(texts(image).filter((text) => text?.startsWith("the_")), [names[i]]);
  });
});

Deno.test("staticImage() refuses sizes and colours that are none", async () => {
  const figure = barChart({ ...titles, rows: [] });
  await assert.rejects(staticImage(figure, { format: "svg", width: 0 }), /width must be .* is 0/);
  await assert.rejects(staticImage(figure, { format: "png", background: "white" }), /#rrggbb/);
});

Deno.test("staticImage() has its colours in attributes, because GitHub drops styles", async () => {
  const figure = barChart({ ...titles, rows: [{ label: "ann", value: 7 }] });
  const svg = await staticImage(figure, { format: "svg" });
  const { document } = new JSDOM(svg, { contentType: "image/svg+xml" }).window;
  assert.equal(document.querySelectorAll("[style]").length, 0);
  const colour = (selector: string) => document.querySelector(selector)!.getAttribute("fill");
  assert.equal(colour(".point path"), "rgb(47, 127, 193)");
  assert.equal(colour(".gtitle"), "rgb(0, 0, 0)");
  assert.equal(colour(".main-svg > rect"), "rgb(255, 255, 255)");
  assert.equal(document.querySelector("rect.bg")!.getAttribute("fill-opacity"), "0");
});

Deno.test("mimeBundle() has the interactive form, a static image, and words", async () => {
  const figure = barChart({ ...titles, rows: [{ label: "ann", value: 7 }] });
  const bundle = await figure.mimeBundle();
  assert.deepEqual(bundle["application/vnd.plotly.v1+json"].data[0].x, [7]);
  assert.match(bundle["image/svg+xml"], /^<svg role="img" aria-label="Most praised \(bar chart/);
  // Whatever shows the notebook runs no script of it.
  assert.doesNotMatch(JSON.stringify(bundle), /<script|javascript:|\bon\w+=/);
  assert.equal(bundle["text/plain"], "Most praised (bar chart, 1 bar, ann 7)");
});

Deno.test("installedFont() finds the font in a Python environment of any system", async () => {
  const folder = await Deno.makeTempDir();
  try {
    assert.equal(installedFont(folder), undefined);
    for (const [name, lib] of [["unix", "lib/python3.13"], ["windows", "Lib"]]) {
      const fonts = join(folder, name, lib, "site-packages/matplotlib/mpl-data/fonts/ttf");
      await Deno.mkdir(fonts, { recursive: true });
      await Deno.writeTextFile(join(fonts, "DejaVuSans.ttf"), "");
      assert.equal(installedFont(join(folder, name)), join(fonts, "DejaVuSans.ttf"));
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
