import { BirdsongError } from "../errors.ts";
import { textColourOn } from "./colour.ts";
import type { Figure } from "./figure.ts";
import { renderSvg } from "./plotly_in_jsdom.ts";
import { toPng } from "./png.ts";

/** How a static image is drawn. */
export interface StaticImageOptions {
  format: "svg" | "png";
  /** In pixels. @default 800 */
  width?: number;
  /** In pixels. @default the figure's own height */
  height?: number;
  /**
   * As `#rrggbb`; the text becomes dark or light to suit. There always is one: an image does not know
   * whether the page around it is light or dark, and no colour has a contrast of 4.5:1 on both.
   *
   * @default #ffffff
   */
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
  const { format, background = "#ffffff", width = 800, height = figure.layout.height } = options;
  for (const [name, pixels] of Object.entries({ width, height })) {
    if (!Number.isInteger(pixels) || pixels < 10 || pixels > 10_000) {
      throw new BirdsongError(
        `an image's ${name} must be a whole number from 10 to 10000, but is ${pixels}`,
      );
    }
  }
  const layout = {
    ...figure.layout,
    paper_bgcolor: background,
    font: { ...figure.layout.font, color: textColourOn(background) },
  };
  const svg = await renderSvg(figure.data, layout, { width, height, label: figure.description });
  return format === "svg" ? svg : await toPng(svg);
}
