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
