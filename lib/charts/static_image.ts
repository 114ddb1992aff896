import { BirdsongError } from "../errors.ts";
import { textColourOn } from "./colour.ts";
import type { Figure } from "./figure.ts";
import { imageFont } from "./font.ts";
import { renderSvg } from "./plotly_in_jsdom.ts";

/** How a static image is drawn. */
export interface StaticImageOptions {
  format: "svg" | "png";
  /** In pixels. @default 800 */
  width?: number;
  /** In pixels. @default the figure's own height */
  height?: number;
  /** As `#rrggbb`; the text becomes dark or light to suit. Without it, the image is transparent. */
  background?: string;
}

/**
 * Draws a figure without a browser, as the text of an SVG file or the bytes of a PNG file. The first
 * call in a process loads plotly, which takes about a second.
 *
 * @throws {BirdsongError} if a size or the background is not valid, or a PNG is asked for on a
 * machine without any font.
 */
export async function staticImage(
  figure: Figure,
  options: StaticImageOptions & { format: "svg" },
): Promise<string>;
export async function staticImage(
  figure: Figure,
  options: StaticImageOptions & { format: "png" },
): Promise<Uint8Array>;
export async function staticImage(
  figure: Figure,
  options: StaticImageOptions,
): Promise<string | Uint8Array> {
  const { format, background, width = 800, height = figure.layout.height } = options;
  for (const [name, pixels] of Object.entries({ width, height })) {
    if (!Number.isInteger(pixels) || pixels < 10 || pixels > 10_000) {
      throw new BirdsongError(
        `an image's ${name} must be a whole number from 10 to 10000, but is ${pixels}`,
      );
    }
  }
  const layout = background === undefined ? figure.layout : {
    ...figure.layout,
    paper_bgcolor: background,
    font: { ...figure.layout.font, color: textColourOn(background) },
  };
  const svg = await renderSvg(figure.data, layout, { width, height, label: figure.description });
  return format === "svg" ? svg : await toPng(svg);
}

async function toPng(svg: string): Promise<Uint8Array> {
  const font = await imageFont();
  if (font === undefined) {
    throw new BirdsongError(
      "cannot draw a PNG: this machine has no font, so that all text would be missing. " +
        "Install one (on Debian: fonts-dejavu-core), or use the format svg",
    );
  }
  const { Resvg } = await import("@resvg/resvg-js");
  const { family, file } = font;
  const image = new Resvg(svg, {
    font: {
      // Also for the letters and emoji that the one font lacks.
      loadSystemFonts: true,
      fontFiles: file === undefined ? [] : [file],
      defaultFontFamily: family,
      sansSerifFamily: family,
    },
  });
  return new Uint8Array(image.render().asPng());
}
