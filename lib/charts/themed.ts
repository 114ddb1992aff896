import type { Layout, Trace } from "./figure.ts";

// The edge has the page's colour, and is not seen; but in an image of the figure, which knows of no
// page, it is white, and keeps the letters legible on whatever the image is put.
const [before, after] = [
  '<span style="color:var(--jp-ui-font-color1,var(--vscode-foreground,#000000));' +
  "stroke:var(--jp-layout-color0,var(--vscode-editor-background,#ffffff));" +
  'stroke-width:5px;stroke-linejoin:round;paint-order:stroke">',
  "</span>",
];
const themed = (text: string): string => before + text + after;

/**
 * A figure whose texts have the colour that the page around it has for text, light or dark:
 * JupyterLab's, else VS Code's. Plotly's settings take fixed colours only, but it hands on the style
 * of the markup in its texts.
 */
export function themedFigure(
  { data, layout }: { data: Trace[]; layout: Layout },
): { data: Trace[]; layout: Layout } {
  return {
    data: data.map((trace) => ({
      ...trace,
      ...(trace.name === undefined ? {} : { name: themed(trace.name) }),
      ...(standsOnThePage(trace) ? { texttemplate: themed("%{text}") } : {}),
    })),
    layout: {
      ...layout,
      title: { ...layout.title, text: themed(layout.title.text) },
      xaxis: themedAxis(layout.xaxis as Axis),
      yaxis: themedAxis(layout.yaxis as Axis),
      annotations: (layout.annotations as { text: string }[]).map((annotation) => ({
        ...annotation,
        text: themed(annotation.text),
      })),
    },
  };
}

type Axis = { title: { text: string }; ticktext?: string[] } & Record<string, unknown>;

function themedAxis(axis: Axis): Axis {
  return {
    ...axis,
    title: { ...axis.title, text: themed(axis.title.text) },
    ...(axis.ticktext
      ? { ticktext: axis.ticktext.map(themed) }
      : { tickprefix: before, ticksuffix: after }),
  };
}

/** Whether a trace has texts that stand beside its bars, and not on something coloured. */
function standsOnThePage({ text, textposition, textfont }: Trace): boolean {
  return text !== undefined && textposition !== "inside" && textfont === undefined;
}
