import assert from "node:assert/strict";
import { barChart, confusionMatrix, lineChart, sentimentBarChart } from "../../lib/charts/mod.ts";
import { themedFigure } from "../../lib/charts/themed.ts";

const titles = { title: "Birds", xTitle: "count", yTitle: "bird" };
const themed = (text: string) =>
  '<span style="color:var(--jp-ui-font-color1,var(--vscode-foreground,#000000));' +
  "stroke:var(--jp-layout-color0,var(--vscode-editor-background,#ffffff));" +
  `stroke-width:5px;stroke-linejoin:round;paint-order:stroke">${text}</span>`;

Deno.test("themedFigure() gives every text on the page the page's own colour", () => {
  // deno-lint-ignore no-explicit-any
  const { data, layout }: any = themedFigure(
    barChart({ ...titles, rows: [{ label: "robin", value: 2 }] }),
  );
  assert.equal(layout.title.text, themed("Birds"));
  assert.equal(layout.yaxis.title.text, themed("bird"));
  assert.deepEqual(layout.yaxis.ticktext, [themed("robin")]);
  assert.equal(layout.xaxis.tickprefix + "2" + layout.xaxis.ticksuffix, themed("2"));
  assert.deepEqual(data[0].text, ["2"], "which the tooltip shows, on a colour of its own");
  assert.equal(data[0].texttemplate, themed("%{text}"));
  const lines = themedFigure(
    lineChart({ ...titles, series: [{ name: "robin", points: [] }] }),
  );
  assert.equal(lines.data[0].name, themed("robin"));
  assert.equal((lines.layout.annotations as { text: string }[])[0].text, themed("no rows yet"));
});

Deno.test("themedFigure() leaves texts that stand on a colour, and the figure itself", () => {
  const matrix = confusionMatrix({ title: "Birds", labels: ["robin"], counts: [[1]] });
  assert.equal(themedFigure(matrix).data[0].texttemplate, undefined);
  const rows = [{ label: "robin", negative: 1, neutral: 2, positive: 3 }];
  const figure = sentimentBarChart({ ...titles, rows });
  const [first, , , total] = themedFigure(figure).data;
  assert.equal(first.texttemplate, undefined);
  assert.equal(total.texttemplate, themed("%{text}"));
  assert.equal(figure.data[0].name, "negative");
});
