import assert from "node:assert/strict";
import { runInNewContext } from "node:vm";
import { dataFrame } from "../../lib/notebook/data_frame.ts";
import { mimeBundleOf } from "../../lib/notebook/mime.ts";

Deno.test("rows become a DataFrame that sorts, with missing values and instants as text in UTC", async () => {
  const rows = [
    { mention: "ann", total: 2, last: new Date("2009-04-07T05:19:45Z") },
    { mention: null, total: 10, last: null },
    { mention: "<b>bob</b>", total: 7, last: runInNewContext("new Date(1239081585123)") },
  ];
  const frame = await dataFrame(rows);
  assert.deepEqual(frame.columns, ["mention", "total", "last"]);
  assert.deepEqual(frame.shape, [3, 3]);
  const sorted = frame.sortValues("total", { ascending: false });
  assert.deepEqual(sorted.values.map(([mention, total]) => [mention, total]), [
    [null, 10],
    ["<b>bob</b>", 7],
    ["ann", 2],
  ]);
  assert.deepEqual(sorted.head(1).values.length, 1);
  const [first, none, other] = frame.values.map((row) => row[2]);
  assert.equal(none, null);
  for (const [text, instant] of [[first, 1239081585000], [other, 1239081585123]]) {
    assert.equal(new Date(String(text)).getTime(), instant);
    assert.match(String(text), /^2009-04-07.05:19:45.*Z$/);
  }
  assert.ok(rows[0].last instanceof Date, "the rows stay as they are");
  const { "text/html": html } = await mimeBundleOf(frame);
  assert.match(String(html), /&lt;b&gt;bob/);
});

Deno.test("no rows are an empty DataFrame", async () => {
  const frame = await dataFrame([]);
  assert.deepEqual([frame.columns, frame.values, frame.shape], [[], [], [0, 0]]);
});
