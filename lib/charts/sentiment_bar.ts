import { barsHeight, finite, valueScale } from "./bar.ts";
import { sentimentColours, textColourOn } from "./colour.ts";
import { Figure, type Trace } from "./figure.ts";
import { formatNumber, label, oneLine } from "./label.ts";
import { axis, chartLayout, namesAxis } from "./layout.ts";

/** How many tweets of each sentiment belong to one label. */
export interface SentimentRow {
  label: string;
  negative: number;
  neutral: number;
  positive: number;
}

/** What a sentiment bar chart shows. */
export interface SentimentBarChartOptions {
  title: string;
  /** The first row stands at the top. */
  rows: SentimentRow[];
  xTitle: string;
  yTitle: string;
  /** One bar of three parts with the total at its end, or three bars beside each other. @default "stack" */
  mode?: "stack" | "group";
}

const sentiments = ["negative", "neutral", "positive"] as const;

/**
 * A chart with horizontal bars of the negative, neutral and positive counts per label.
 *
 * @throws {BirdsongError} if a count is not a finite number.
 */
export function sentimentBarChart(options: SentimentBarChartOptions): Figure {
  const { title, rows, xTitle, yTitle, mode = "stack" } = options;
  const stacked = mode === "stack";
  const totals = rows.map((row) => sentiments.reduce((sum, name) => sum + row[name], 0));
  const traces = sentiments.map((name) => sentimentTrace(name, rows, stacked));
  const longest = stacked ? totals : rows.flatMap((row) => sentiments.map((name) => row[name]));
  const height = barsHeight(rows.length, stacked ? 24 : 54) + 28;
  return new Figure({
    data: stacked ? [...traces, totalsTrace(totals)] : traces,
    layout: chartLayout(title, { height, empty: rows.length === 0, legend: true }, {
      barmode: mode,
      bargap: 0.25,
      xaxis: axis(xTitle, valueScale(longest)),
      yaxis: namesAxis(yTitle, rows.map((row) => row.label), { range: [rows.length - 0.5, -0.5] }),
      // A number that does not fit into its part of a bar is left out, not shrunk.
      uniformtext: { mode: "hide", minsize: 10 },
    }),
    description: describe(title, rows),
  });
}

function describe(title: string, rows: SentimentRow[]): string {
  const counts = sentiments.map((name) =>
    `${formatNumber(rows.reduce((sum, row) => sum + row[name], 0))} ${name}`
  );
  const labels = rows.length === 1 ? "1 label" : `${rows.length} labels`;
  return `${oneLine(title, 100)} (bar chart of ${counts.join(", ")} over ${labels})`;
}

function sentimentTrace(
  name: typeof sentiments[number],
  rows: SentimentRow[],
  stacked: boolean,
): Trace {
  const colour = sentimentColours[name];
  return {
    type: "bar",
    name,
    orientation: "h",
    x: rows.map((row) => finite(row[name], row.label)),
    y: rows.map((_, i) => i),
    text: rows.map((row) => formatNumber(row[name])),
    textposition: stacked ? "inside" : "outside",
    insidetextanchor: "middle",
    insidetextfont: { size: 11, color: textColourOn(colour) },
    textangle: 0,
    cliponaxis: false,
    customdata: rows.map((row) => label(row.label, 100)),
    hovertemplate: `%{customdata}: %{text} ${name}<extra></extra>`,
    marker: { color: colour },
  };
}

function totalsTrace(totals: number[]): Trace {
  return {
    type: "scatter",
    mode: "text",
    x: totals,
    y: totals.map((_, i) => i),
    text: totals.map((total) => `\u00a0${formatNumber(total)}`),
    textposition: "middle right",
    cliponaxis: false,
    hoverinfo: "skip",
    showlegend: false,
  };
}
