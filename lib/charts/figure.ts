import { staticImage } from "./static_image.ts";
import { themedFigure } from "./themed.ts";

/** One trace of a plotly figure, such as `{ type: "bar", x, y }`. Holds only JSON values. */
export type Trace = { type: string; name?: string } & Record<string, unknown>;

/** A plotly layout. Holds only JSON values; the fields named here are always set. */
export type Layout = {
  title: { text: string } & Record<string, unknown>;
  font: { family: string; size: number; color: string };
  /** Height in pixels; the width follows the page. */
  height: number;
} & Record<string, unknown>;

/** How plotly behaves in the page. */
export type Config = Record<string, unknown>;

/** One output of a notebook cell in all its forms, by MIME type; the reader draws the best it can. */
export type FigureBundle = {
  "application/vnd.plotly.v1+json": { data: Trace[]; layout: Layout; config: Config };
  "image/svg+xml": string;
  "text/plain": string;
};

/** A chart as plotly's data and layout: interactive in a notebook, a static image elsewhere. */
export class Figure {
  readonly data: Trace[];
  readonly layout: Layout;
  readonly config: Config = {
    // Not `responsive`: JupyterLab's extension sees to the width itself, and both at once leave the
    // figure without a height.
    displaylogo: false,
    // The chart stays on this machine.
    showSendToCloud: false,
    modeBarButtonsToRemove: ["select2d", "lasso2d"],
  };
  /** What the chart shows, in one sentence: for screens that draw nothing, and screen readers. */
  readonly description: string;

  constructor(parts: { data: Trace[]; layout: Layout; description: string }) {
    this.data = parts.data;
    this.layout = parts.layout;
    this.description = parts.description;
  }

  /**
   * The figure for a notebook. JupyterLab and VS Code draw the plotly form, GitHub and nbviewer
   * the static SVG.
   */
  async mimeBundle(): Promise<FigureBundle> {
    const { config, description } = this;
    return {
      "application/vnd.plotly.v1+json": { ...themedFigure(this), config },
      "image/svg+xml": await staticImage(this, { format: "svg" }),
      "text/plain": description,
    };
  }
}
