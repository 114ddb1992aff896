import { gridColour, middleGrey, seriesColours } from "./colour.ts";
import type { Layout } from "./figure.ts";
import { label } from "./label.ts";

/** The axis settings that all charts share. */
export function axis(title: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    title: { text: label(title, 80), standoff: 12 },
    automargin: true,
    gridcolor: gridColour,
    zerolinecolor: gridColour,
    linecolor: gridColour,
    fixedrange: true,
    ...more,
  };
}

/**
 * An axis of categories at 0, 1, 2, ... with their names as tick labels. Plotly's own category
 * axis would merge equal names, and take names such as `2009` or `1e5` for dates and numbers.
 */
export function namesAxis(
  title: string,
  names: string[],
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  return axis(title, {
    tickmode: "array",
    tickvals: names.map((_, i) => i),
    ticktext: names.map((name) => label(name)),
    showgrid: false,
    zeroline: false,
    ...more,
  });
}

/**
 * The layout that all charts share: transparent, with grey buttons that are seen on white and on
 * black. Its texts get their colour from {@linkcode themedFigure}, or with a static image's background.
 *
 * @param options.height In pixels.
 * @param options.empty Whether there is nothing to show, which the chart then says.
 * @param more What belongs to this chart: its axes, shapes, bar mode.
 */
export function chartLayout(
  title: string,
  options: { height: number; empty: boolean; legend?: boolean },
  more: Record<string, unknown>,
): Layout {
  return {
    title: {
      text: label(title, 100),
      font: { size: 17 },
      x: 0,
      xanchor: "left",
      y: 1,
      yanchor: "top",
      pad: { l: 8, t: 16 },
    },
    font: { family: "sans-serif", size: 13, color: middleGrey },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    modebar: { bgcolor: "rgba(0,0,0,0)", color: middleGrey, activecolor: seriesColours[0] },
    autosize: true,
    height: options.height,
    margin: { t: options.legend ? 84 : 56, r: 32, b: 24, l: 24 },
    showlegend: options.legend ?? false,
    legend: { orientation: "h", traceorder: "normal", x: 0, y: 1.01, yanchor: "bottom" },
    annotations: options.empty ? [nothingToShow] : [],
    ...more,
  };
}

const nothingToShow = {
  text: "no rows yet",
  xref: "paper",
  yref: "paper",
  x: 0.5,
  y: 0.5,
  showarrow: false,
};
