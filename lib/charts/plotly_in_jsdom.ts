import { readFileSync } from "node:fs";
import { projectPath } from "../paths.ts";
import type { Layout, Trace } from "./figure.ts";
import { imageFont } from "./font.ts";
import { oneLine } from "./label.ts";
import { boxOf, type Measure } from "./text_box.ts";

/** Of plotly's functions, the one that is called here. */
interface Plotly {
  toImage(
    figure: { data: unknown; layout: unknown },
    options: { format: "svg"; imageDataOnly: true; width: number; height: number },
  ): Promise<string>;
}

/** A page without a screen in which plotly is loaded. */
interface Page {
  Plotly: Plotly;
  JSON: typeof JSON;
  DOMParser: typeof DOMParser;
  XMLSerializer: typeof XMLSerializer;
}

let page: Promise<Page> | undefined;

/** Draws a plotly figure as SVG; `label` says what it shows, for screen readers. */
export async function renderSvg(
  data: Trace[],
  layout: Layout,
  options: { width: number; height: number; label: string },
): Promise<string> {
  page ??= openPage();
  const { Plotly, JSON: pageJson, DOMParser, XMLSerializer } = await page;
  const { width, height } = options;
  // A copy: plotly writes into what it is given, and wants the arrays and objects of its own page.
  const figure = pageJson.parse(JSON.stringify({ data, layout: { ...layout, width, height } }));
  const svg = await Plotly.toImage(figure, { format: "svg", imageDataOnly: true, width, height });
  const image = new DOMParser().parseFromString(svg, "image/svg+xml");
  moveStyles(image);
  const label = xmlAttribute(oneLine(options.label, 500));
  return new XMLSerializer().serializeToString(image)
    // A function: in a text, the label's dollar signs would have a meaning.
    .replace("<svg ", () => `<svg role="img" aria-label="${label}" `);
}

/**
 * Moves colours and fonts from styles to attributes. Where notebooks are cleaned of all that could be
 * script, as on GitHub and nbviewer, styles are dropped: plotly's invisible rectangles would be black.
 */
function moveStyles(image: Document): void {
  for (const element of Array.from(image.querySelectorAll("[style]"))) {
    for (const declaration of element.getAttribute("style")!.split(";")) {
      const [name, value] = declaration.split(/:(.*)/s).map((part) => part.trim());
      if (name) element.setAttribute(name, value);
    }
    element.removeAttribute("style");
  }
}

/** Opens the page: once for each process, and only when an image is asked for. */
async function openPage(): Promise<Page> {
  const { JSDOM } = await import("jsdom");
  const { createCanvas } = await import("@napi-rs/canvas");
  const { window } = new JSDOM("<!doctype html><body></body>", { runScripts: "outside-only" });
  // What plotly expects of a browser and jsdom does not have.
  const context = createCanvas(1, 1).getContext("2d");
  Object.assign(window, { TextDecoder, TextEncoder });
  Object.assign(window.URL, { createObjectURL: () => "blob:" });
  Object.assign(window.HTMLCanvasElement.prototype, {
    getContext: (kind: string) => kind === "2d" ? context : null,
  });
  const measure = await textMeasure(context);
  const rectangle = function (this: Element) {
    const { left, right, top, bottom } = boxOf(this, measure);
    return { x: left, y: top, left, right, top, bottom, width: right - left, height: bottom - top };
  };
  Object.assign(window.SVGElement.prototype, {
    getBBox: rectangle,
    getBoundingClientRect: rectangle,
    getComputedTextLength(this: Element): number {
      const { left, right } = boxOf(this, measure);
      return right - left;
    },
  });
  window.eval(readFileSync(projectPath("node_modules/plotly.js-dist/plotly.js"), "utf8"));
  return window as unknown as Page;
}

async function textMeasure(
  context: { font: string; measureText(text: string): TextMetrics },
): Promise<Measure> {
  const font = await imageFont();
  if (font?.file !== undefined) {
    const { GlobalFonts } = await import("@napi-rs/canvas");
    GlobalFonts.registerFromPath(font.file, font.family);
  }
  return (text, { size, bold }) => {
    // Without any font, what a letter is wide on average.
    if (font === undefined) {
      return { width: 0.6 * size * text.length, ascent: 0.93 * size, descent: 0.24 * size };
    }
    context.font = `${bold ? "bold " : ""}${size}px "${font.family}"`;
    const { width, fontBoundingBoxAscent, fontBoundingBoxDescent } = context.measureText(text);
    return { width, ascent: fontBoundingBoxAscent, descent: fontBoundingBoxDescent };
  };
}

function xmlAttribute(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
