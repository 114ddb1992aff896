import assert from "node:assert/strict";
import { contrast, middleGrey, sentimentColours, seriesColours } from "../../lib/charts/colour.ts";
import { label } from "../../lib/charts/label.ts";
import {
  barChart,
  confusionMatrix,
  type Figure,
  lineChart,
  sentimentBarChart,
} from "../../lib/charts/mod.ts";

const titles = { title: "Top tweeters", xTitle: "tweets", yTitle: "user" };

// deno-lint-ignore no-explicit-any
const axisOf = (figure: Figure, name: "xaxis" | "yaxis"): any => figure.layout[name];

Deno.test("barChart() sorts its bars with the largest value at the top", () => {
  const rows = [["bob", 3], ["ann", 12_000], ["eve", 3], ["dan", 5]] as const;
  const figure = barChart({ ...titles, rows: rows.map(([label, value]) => ({ label, value })) });
  const [bars] = figure.data;
  assert.deepEqual(bars.x, [12_000, 5, 3, 3]);
  assert.deepEqual(bars.y, [0, 1, 2, 3]);
  assert.deepEqual(bars.text, ["12,000", "5", "3", "3"]);
  assert.deepEqual(axisOf(figure, "yaxis").ticktext, ["ann", "dan", "bob", "eve"]);
  const [bottom, top] = axisOf(figure, "yaxis").range;
  assert.ok(bottom > top, "position 0 must be at the top");
  assert.equal(figure.description, "Top tweeters (bar chart, 4 bars, from ann 12,000 to eve 3)");
});

Deno.test("barChart() keeps apart labels that look like numbers, dates or each other", () => {
  const labels = ["2009", "1e5", "2009-04-06", "ann", "ann"];
  const figure = barChart({ ...titles, rows: labels.map((label) => ({ label, value: 1 })) });
  assert.deepEqual(axisOf(figure, "yaxis").tickvals, [0, 1, 2, 3, 4]);
  assert.deepEqual(axisOf(figure, "yaxis").ticktext, labels);
});

Deno.test("barChart() has no half counts on its axis, and a number of marks that can be read", () => {
  const dtick = (...values: number[]) =>
    axisOf(
      barChart({ ...titles, rows: values.map((value) => ({ label: "ann", value })) }),
      "xaxis",
    ).dtick;
  assert.equal(dtick(1, 2), 1);
  assert.equal(dtick(1, 200), undefined);
  assert.equal(dtick(0.5, 2), undefined);
});

Deno.test("barChart() takes no rows, and does not change the rows it is given", () => {
  const empty = barChart({ ...titles, rows: [] });
  assert.match(JSON.stringify(empty.layout.annotations), /no rows yet/);
  assert.equal(empty.description, "Top tweeters (bar chart, 0 bars)");
  const rows = [{ label: "a", value: 1 }, { label: "b", value: 2 }];
  barChart({ ...titles, rows });
  assert.equal(rows[0].label, "a");
});

Deno.test("barChart() names the bar whose value is not a number", () => {
  assert.throws(
    () => barChart({ ...titles, rows: [{ label: "ann", value: NaN }] }),
    /bar "ann" must be a finite number, but is NaN/,
  );
});

Deno.test("sentimentBarChart() stacks the three counts and shows the total", () => {
  const rows = [
    { label: "ann", negative: 1, neutral: 2, positive: 3 },
    { label: "bob", negative: 40, neutral: 0, positive: 0 },
  ];
  const stacked = sentimentBarChart({ ...titles, rows });
  assert.equal(stacked.layout.barmode, "stack");
  assert.deepEqual(stacked.data.slice(0, 3).map(({ name, x }) => [name, x]), [
    ["negative", [1, 40]],
    ["neutral", [2, 0]],
    ["positive", [3, 0]],
  ]);
  assert.deepEqual(stacked.data[3].x, [6, 40]);
  assert.deepEqual(axisOf(stacked, "yaxis").ticktext, ["ann", "bob"]);
  const grouped = sentimentBarChart({ ...titles, rows, mode: "group" });
  assert.equal(grouped.layout.barmode, "group");
  assert.equal(grouped.data.length, 3);
});

Deno.test("lineChart() shows dates in UTC, and a gap where there is no number", () => {
  const start = Date.UTC(2009, 3, 6, 22, 19, 45);
  const figure = lineChart({
    ...titles,
    series: [
      {
        name: "bronze",
        points: [{ x: new Date(start), y: 1 }, { x: new Date(start + 1), y: NaN }],
      },
      { name: "silver", points: [] },
    ],
  });
  assert.deepEqual(figure.data[0].x, ["2009-04-06T22:19:45.000", "2009-04-06T22:19:45.001"]);
  assert.deepEqual(figure.data[0].y, [1, null]);
  assert.equal(axisOf(figure, "xaxis").type, "date");
  assert.deepEqual(
    axisOf(figure, "xaxis").range,
    ["2009-04-06T22:19:35.001", "2009-04-06T22:19:46.001"],
    "which shows seconds, however close the points are",
  );
  assert.equal(figure.layout.showlegend, true);
});

Deno.test("lineChart() takes as many points as a stream makes in days", () => {
  const points = Array.from({ length: 200_000 }, (_, i) => ({ x: new Date(1000 * i), y: i }));
  const figure = lineChart({ ...titles, series: [{ name: "bronze", points }] });
  assert.deepEqual(axisOf(figure, "xaxis").range, undefined);
  assert.equal((figure.data[0].x as string[]).length, points.length);
});

Deno.test("bar charts of a whole table, where a LIMIT was forgotten, have their axis", () => {
  const labels = Array.from({ length: 200_000 }, (_, i) => `user${i}`);
  const bars = labels.map((label, value) => ({ label, value }));
  const counts = labels.map((label, i) => ({ label, negative: i, neutral: 0, positive: 0 }));
  for (
    const figure of [
      barChart({ ...titles, rows: bars }),
      sentimentBarChart({ ...titles, rows: counts }),
    ]
  ) {
    assert.deepEqual(axisOf(figure, "xaxis").range, [0, 199_999 * 1.12]);
  }
});

Deno.test("lineChart() refuses dates mixed with numbers, and invalid dates", () => {
  const chart = (...xs: (Date | number)[]) =>
    lineChart({ ...titles, series: [{ name: "a", points: xs.map((x) => ({ x, y: 1 })) }] });
  assert.throws(() => chart(new Date(0), 5), /mixes dates and numbers/);
  assert.throws(() => chart(new Date(NaN)), /invalid date/);
  assert.throws(() => chart(Infinity), /invalid number/);
});

Deno.test("confusionMatrix() has one cell per pair of classes, with count and share of its row", () => {
  const figure = confusionMatrix({
    title: "Test",
    labels: ["negative", "positive"],
    counts: [[30, 10], [0, 0]],
  });
  assert.deepEqual(figure.data[0].text, [
    "30<br>75.0 %",
    "10<br>25.0 %",
    "0<br>0.0 %",
    "0<br>0.0 %",
  ]);
  const { x, y } = figure.data[0];
  assert.deepEqual([x, y], [[0, 1, 0, 1], [0, 0, 1, 1]], "predicted across, actual down");
  const [across, down] = [axisOf(figure, "xaxis"), axisOf(figure, "yaxis")];
  assert.deepEqual([across.title.text, across.range], ["predicted", [-0.5, 1.5]]);
  assert.deepEqual([down.title.text, down.range], ["actual", [1.5, -0.5]]);
  const shapes = figure.layout.shapes as { x0: number; y0: number; fillcolor: string }[];
  assert.deepEqual(shapes.map(({ x0, y0 }) => [x0 + 0.49, y0 + 0.49]), [
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ]);
  assert.equal(shapes[2].fillcolor, shapes[3].fillcolor, "equal shares, equal colours");
  assert.notEqual(shapes[0].fillcolor, shapes[1].fillcolor);
  assert.throws(
    () => confusionMatrix({ title: "", labels: ["a", "b"], counts: [[1, 2]] }),
    /2 labels must have 2 rows of 2 counts/,
  );
});

Deno.test("label() makes one literal, printable line of any text", () => {
  assert.equal(label("a & <b>b</b>"), "a &amp; &lt;b&gt;b&lt;/b&gt;");
  assert.equal(label("$x^2$"), "&#36;x^2&#36;");
  assert.equal(label("two\nlines\u0000 \u202eright to left"), "two lines right to left");
  assert.equal(label("lone \ud800 half"), "lone \ufffd half");
  assert.equal(label("😀".repeat(100)), "😀".repeat(31) + "…");
  assert.equal(label("x".repeat(100_000)).length, 32);
});

Deno.test("colours can be read on a white and on a black page", () => {
  for (const page of ["#ffffff", "#111111"]) {
    assert.ok(contrast(middleGrey, page) > 4.3, `buttons on ${page}`);
    for (const colour of [...Object.values(sentimentColours), ...seriesColours]) {
      assert.ok(contrast(colour, page) >= 3, `${colour} on ${page}`);
    }
  }
});

Deno.test("figures hold only JSON values", () => {
  const figure = lineChart({
    ...titles,
    series: [{ name: "a", points: [{ x: new Date(0), y: 1 }] }],
  });
  const { data, layout, config } = figure;
  assert.deepEqual(JSON.parse(JSON.stringify({ data, layout, config })), { data, layout, config });
});
