import { BirdsongError } from "../errors.ts";
import { type SentimentColour, sentimentColours } from "./colour.ts";
import { extent } from "./extent.ts";
import { Figure } from "./figure.ts";
import { formatNumber, label, oneLine } from "./label.ts";
import { axis, chartLayout, namesAxis } from "./layout.ts";

/** One bar. */
export interface BarRow {
  label: string;
  value: number;
}

/** What a bar chart shows. */
export interface BarChartOptions {
  title: string;
  rows: BarRow[];
  /** What the values are, along the bars. */
  xTitle: string;
  /** What the labels are. */
  yTitle: string;
  /** @default "plain" */
  colour?: SentimentColour;
}

/**
 * A bar chart with horizontal bars, the longest at the top, and the values at their ends.
 *
 * @throws {BirdsongError} if a value is not a finite number.
 * @example
 * ```ts
 * import { barChart } from "birdsong";
 *
 * const rows = [{ label: "ann", value: 12 }, { label: "bob", value: 31 }];
 * barChart({ title: "Top tweeters", rows, xTitle: "tweets", yTitle: "user" });
 * ```
 */
export function barChart(options: BarChartOptions): Figure {
  const { title, xTitle, yTitle, colour = "plain" } = options;
  const rows = [...options.rows].sort((a, b) => b.value - a.value);
  const values = rows.map((row) => finite(row.value, row.label));
  return new Figure({
    data: [{
      type: "bar",
      orientation: "h",
      x: values,
      y: rows.map((_, i) => i),
      text: values.map(formatNumber),
      textposition: "outside",
      cliponaxis: false,
      customdata: rows.map((row) => label(row.label, 100)),
      hovertemplate: "%{customdata}: %{text}<extra></extra>",
      marker: { color: sentimentColours[colour] },
    }],
    layout: chartLayout(title, { height: barsHeight(rows.length), empty: rows.length === 0 }, {
      xaxis: axis(xTitle, valueScale(values)),
      yaxis: namesAxis(yTitle, rows.map((row) => row.label), { range: [rows.length - 0.5, -0.5] }),
      bargap: 0.25,
    }),
    description: describeBars(title, rows),
  });
}

/** Height in pixels of a chart with so many horizontal bars, each `thickness` pixels with its gap. */
export function barsHeight(bars: number, thickness = 24): number {
  return Math.max(220, 120 + bars * thickness);
}

/**
 * The axis along bars: from zero to beyond the longest, with room for the number at its end. Of small
 * counts, it has no halves.
 */
export function valueScale(values: number[]): { range: [number, number]; dtick?: number } {
  const [least, most] = extent([0, ...values]);
  if (least === most) return { range: [0, 1] };
  const small = most - least <= 5 && values.every(Number.isInteger);
  return { range: [least * 1.12, most * 1.12], ...(small ? { dtick: 1 } : {}) };
}

/** The value, or an error that names the bar. */
export function finite(value: number, name: string): number {
  if (Number.isFinite(value)) return value;
  throw new BirdsongError(
    `the value of the bar "${oneLine(name)}" must be a finite number, but is ${value}`,
  );
}

function describeBars(title: string, rows: BarRow[]): string {
  const ends = [rows[0], rows[rows.length - 1]].slice(0, rows.length)
    .map((row) => `${oneLine(row.label)} ${formatNumber(row.value)}`);
  const range = rows.length > 1
    ? `, from ${ends[0]} to ${ends[1]}`
    : rows.length
    ? `, ${ends[0]}`
    : "";
  const bars = rows.length === 1 ? "1 bar" : `${rows.length} bars`;
  return `${oneLine(title, 100)} (bar chart, ${bars}${range})`;
}
