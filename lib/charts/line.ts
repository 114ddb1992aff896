import { BirdsongError } from "../errors.ts";
import { seriesColours } from "./colour.ts";
import { extent } from "./extent.ts";
import { Figure } from "./figure.ts";
import { label, oneLine } from "./label.ts";
import { axis, chartLayout } from "./layout.ts";

/** One point of a line. A date is shown in UTC; a `y` that is not finite leaves a gap. */
export interface Point {
  x: Date | number;
  y: number;
}

/** One line. */
export interface Series {
  name: string;
  points: Point[];
}

/** What a line chart shows. */
export interface LineChartOptions {
  title: string;
  series: Series[];
  xTitle: string;
  yTitle: string;
}

const symbols = ["circle", "square", "diamond", "triangle-up", "x", "star"];

/**
 * A chart of one or several lines, over numbers or over time.
 *
 * @throws {BirdsongError} if dates and numbers are mixed in `x`, or an `x` is not a valid one.
 */
export function lineChart(options: LineChartOptions): Figure {
  const { title, series, xTitle, yTitle } = options;
  const points = series.flatMap((each) => each.points);
  const overTime = points[0]?.x instanceof Date;
  for (const { x } of points) checkX(x, overTime, title);
  const lines = series.map(({ name, points }) => `${oneLine(name)} with ${points.length} points`);
  return new Figure({
    data: series.map((each, i) => ({
      type: "scatter",
      mode: "lines+markers",
      name: label(each.name),
      x: each.points.map(({ x }) => x instanceof Date ? plotlyTime(Number(x)) : x),
      y: each.points.map(({ y }) => Number.isFinite(y) ? y : null),
      line: { color: seriesColours[i % seriesColours.length], width: 2 },
      marker: { symbol: symbols[i % symbols.length], size: 7 },
    })),
    layout: chartLayout(
      title,
      {
        height: 420,
        empty: !points.some(({ y }) => Number.isFinite(y)),
        legend: series.length > 1,
      },
      {
        xaxis: axis(xTitle, overTime ? timeAxis(points) : { type: "linear" }),
        yaxis: axis(yTitle, { rangemode: "tozero" }),
        hovermode: "x unified",
      },
    ),
    description: `${oneLine(title, 100)} (line chart: ${lines.join(", ")})`,
  });
}

/** An axis of at least ten seconds: of one moment, plotly would show parts of a millisecond. */
function timeAxis(points: Point[]): Record<string, unknown> {
  const [first, last] = extent(points.map(({ x }) => Number(x)));
  if (last - first >= 10_000) return { type: "date" };
  return { type: "date", range: [last - 10_000, last + 1000].map(plotlyTime) };
}

/** A moment as plotly takes it: UTC, without saying so. */
function plotlyTime(time: number): string {
  return new Date(time).toISOString().slice(0, -1);
}

function checkX(x: Date | number, overTime: boolean, title: string): void {
  if (x instanceof Date !== overTime) {
    throw new BirdsongError(
      `the chart "${oneLine(title)}" mixes dates and numbers in x: all points must have the same`,
    );
  }
  if (!Number.isFinite(Number(x))) {
    throw new BirdsongError(
      `the chart "${oneLine(title)}" has an invalid ${overTime ? "date" : "number"} in x`,
    );
  }
}
