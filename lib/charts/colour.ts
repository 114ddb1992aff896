import { BirdsongError } from "../errors.ts";

/**
 * Red, grey and green that people with any form of colour blindness can tell apart (vermillion and
 * a darker bluish green after Okabe and Ito's palette), and a blue for what is no sentiment. Each
 * has a contrast of at least 3:1 against a white and against a black page.
 */
export const sentimentColours = {
  negative: "#d55e00",
  neutral: "#949494",
  positive: "#00805a",
  plain: "#2f7fc1",
} as const;

/** What a chart's bars stand for. */
export type SentimentColour = keyof typeof sentimentColours;

/** Colours of lines, in the order of the series; each is drawn with a marker of its own, too. */
export const seriesColours: readonly string[] = [
  "#2f7fc1",
  "#d55e00",
  "#009e73",
  "#b8609a",
  "#a67c00",
  "#7a6fd0",
];

/**
 * The grey with the same contrast, 4.35:1, against white and against JupyterLab's dark #111111, for
 * a figure's buttons: they take no other colour than a fixed one. No colour has more against both.
 */
export const middleGrey = "#797979";

/** Lines of the grid: seen on white and on black, and never as strong as the data. */
export const gridColour = "rgba(128,128,128,0.3)";

/** Contrast of two colours as WCAG 2.1 defines it: 1 (equal) to 21 (black on white). */
export function contrast(first: string, second: string): number {
  const [darker, lighter] = [luminance(first), luminance(second)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** Black or white, whichever is read more easily on this background: always more than 4.5:1. */
export function textColourOn(background: string): string {
  const [dark, light] = ["#000000", "#ffffff"];
  return contrast(dark, background) >= contrast(light, background) ? dark : light;
}

/** The colour `share` (0 to 1) of the way from one colour to another. */
export function mix(from: string, to: string, share: number): string {
  const [start, end] = [channels(from), channels(to)];
  return "#" +
    start.map((value, i) =>
      Math.round(value + (end[i] - value) * share).toString(16).padStart(2, "0")
    ).join("");
}

function luminance(colour: string): number {
  const [red, green, blue] = channels(colour).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function channels(colour: string): number[] {
  if (!/^#[0-9a-f]{6}$/i.test(colour)) {
    throw new BirdsongError(`a colour must have the form #rrggbb, but is "${colour}"`);
  }
  return [1, 3, 5].map((start) => parseInt(colour.slice(start, start + 2), 16));
}
