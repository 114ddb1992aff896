import { BirdsongError } from "../errors.ts";
import { imageFont } from "./font.ts";

/**
 * Draws an SVG of {@linkcode staticImage} as a PNG file.
 *
 * @throws {BirdsongError} on a machine without any font.
 */
export async function toPng(svg: string): Promise<Uint8Array> {
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
