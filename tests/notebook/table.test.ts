import assert from "node:assert/strict";
import { JSDOM } from "jsdom";
import { properties } from "../../lib/notebook/properties.ts";
import { table, tableIn } from "../../lib/notebook/table.ts";

/** The cells of a table's HTML as a browser reads them. */
function cellsOf(html: string): { text: string; title: string }[][] {
  const { document } = new JSDOM(html).window;
  return [...document.querySelectorAll("tr")].map((row) =>
    [...row.children].map((cell) => ({
      text: cell.textContent ?? "",
      title: cell.getAttribute("title") ?? "",
    }))
  );
}

Deno.test("a table shows columns, values and NULL in HTML and in text", () => {
  const bundle = table([{ user: "ann", tweets: 12n }, { user: null, tweets: 3.14159 }])
    .mimeBundle();
  assert.deepEqual(
    cellsOf(bundle["text/html"]).map((row) => row.map((cell) => cell.text)),
    [["user", "tweets"], ["ann", "12"], ["NULL", "3.1416"]],
  );
  assert.equal(
    bundle["text/plain"],
    ["user  tweets", "----  ------", "ann       12", "NULL  3.1416"].join("\n"),
  );
  // A name stands above its values: numbers at the right.
  assert.match(bundle["text/html"], /text-align:left">user<.*text-align:right">tweets<\/th>/);
});

Deno.test("hostile column names and values stay text", () => {
  const hostile = `"><script>alert('1')</script>\n<img src=x onerror=alert(1)>`;
  const html = table([{ [hostile]: hostile + "x".repeat(200) }]).mimeBundle()["text/html"];
  assert.equal(new JSDOM(html).window.document.querySelectorAll("script, img").length, 0);
  const [[name], [value]] = cellsOf(html);
  assert.equal(name.text, hostile);
  assert.equal(value.title, hostile + "x".repeat(200));
});

Deno.test("a long value is cut, and HTML keeps at most 2,000 characters of it", () => {
  const bundle = table([{ text: "x".repeat(100_000) }]).mimeBundle();
  const cell = cellsOf(bundle["text/html"])[1][0];
  assert.equal(cell.text, "x".repeat(99) + "…");
  assert.equal(cell.title.length, 2_000);
  assert.ok(bundle["text/plain"].length < 400);
});

Deno.test("rows beyond the limit are counted", () => {
  const rows = Array.from({ length: 1_300 }, (_, id) => ({ id }));
  const bundle = table(rows, { limit: 2 }).mimeBundle();
  assert.equal(cellsOf(bundle["text/html"]).length, 3);
  assert.match(bundle["text/html"], /\.\.\. and 1,298 more/);
  assert.match(bundle["text/plain"], /\n {1}1\n\.\.\. and 1,298 more$/);
  assert.doesNotMatch(table(rows, { limit: 1_300 }).mimeBundle()["text/plain"], /more/);
});

Deno.test("dates, lists and structs are readable, and missing columns are NULL", () => {
  const rows = [
    { at: new Date("2009-04-07T05:19:45Z"), tags: ["a", 1n] },
    { at: new Date(NaN), struct: { n: 2n } },
  ];
  assert.deepEqual(
    cellsOf(table(rows).mimeBundle()["text/html"]).map((row) => row.map((cell) => cell.text)),
    [
      ["at", "tags", "struct"],
      ["2009-04-07 05:19:45Z", '["a","1"]', "NULL"],
      ["invalid date", "NULL", '{"n":"2"}'],
    ],
  );
});

Deno.test("tableIn() sees rows and data frames, and nothing else", () => {
  const frame = { columns: ["a"], values: [[1], [2]] };
  assert.deepEqual(tableIn(frame), frame);
  assert.deepEqual(tableIn([{ a: 1 }]), [{ a: 1 }]);
  for (const thing of [null, 1, "a", [], [1], [[1]], [new Date()], { columns: 1 }, new Map()]) {
    assert.equal(tableIn(thing), undefined);
  }
});

Deno.test("a danfojs DataFrame is a table", async () => {
  const { DataFrame } = (await import("danfojs-node")).default;
  const found = tableIn(new DataFrame([{ user: "ann", tweets: 1 }, { user: "bob", tweets: 2 }]));
  assert.deepEqual(found, { columns: ["user", "tweets"], values: [["ann", 1], ["bob", 2]] });
});

Deno.test("an object shows a row for each property, and what is hostile in it stays text", () => {
  const shown = (object: Record<string, unknown>) =>
    cellsOf(properties(object)["text/html"]).map((row) => row.map((cell) => cell.text));
  assert.deepEqual(shown({ source: "<b>", files: 20_000, catalog: null, "<i>": { a: 1n } }), [
    ["source", "<b>"],
    ["files", "20000"],
    ["catalog", "NULL"],
    ["<i>", '{"a":"1"}'],
  ]);
  assert.deepEqual(shown({ ann: { tweets: 1 }, bob: { tweets: 2, score: 0.5 } }), [
    ["name", "tweets", "score"],
    ["ann", "1", "NULL"],
    ["bob", "2", "0.5"],
  ]);
  assert.deepEqual(shown({}), []);
});
