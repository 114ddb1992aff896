/** What can slow a pipeline down, with the words of Spark's guides to tuning. */
export type Dimension = "spill" | "skew" | "shuffle" | "storage" | "serialization";

/** What is thought of a figure. */
export type Level = "good" | "fair" | "poor";

/** One row of the closing table. */
export interface Finding {
  dimension: Dimension;
  /** The figures that decided, in words. */
  measured: string;
  verdict: Level;
  /** What to do, in the words of the knob that does it. */
  advice: string;
}

/** From which value on a figure is only fair, or poor. */
export interface Threshold {
  fair: number;
  poor: number;
}

/** What is thought of a figure of which less is better. */
export function levelOf(value: number, { fair, poor }: Threshold): Level {
  return value >= poor ? "poor" : value >= fair ? "fair" : "good";
}

/** Bytes as a person reads them: `2.6 MB`. */
export function size(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  const power = Math.max(0, Math.min(4, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return `${number(bytes / 1000 ** power)} ${units[power]}`;
}

/** A share of 1 as a person reads it: `12 %`. */
export function percent(share: number): string {
  return `${number(100 * share)} %`;
}

/** A number with as many digits as matter: `12,345`, `12`, `1.2`, `0.012`. */
export function number(value: number): string {
  const digits = Math.abs(value) >= 10 ? { maximumFractionDigits: 0 } : {
    maximumSignificantDigits: 2,
  };
  return value.toLocaleString("en", digits);
}
