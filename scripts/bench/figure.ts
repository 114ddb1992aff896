import { medianTaken, type Taken } from "./taken.ts";

/** What a figure has to be. */
export type Goal = { atMost: number } | { atLeast: number };

/** One row of the report: something measured, and what it has to be. */
export interface Figure {
  stage: string;
  what: string;
  /** What it is compared with; null for a figure that stands for itself. */
  peer: string | null;
  goal: Goal;
  unit: "times" | "s" | "GB";
  /** By the clock, from the medians. */
  value: number;
  /** The same by processor time; null where there is none. */
  byProcessor: number | null;
  reached: boolean;
  /** Every repetition. */
  measured: { ours: Taken[]; peer: Taken[] };
}

/** What a figure is about. */
export type Subject = Pick<Figure, "stage" | "what"> & { peer: string; goal: Goal };

/**
 * How many times as long as the peer it takes; where the goal is a least one, how many times as fast
 * it is.
 *
 * @param allowance Seconds that it may take beyond the peer's time, which do not count.
 */
export function timesOf(
  subject: Subject,
  measured: Figure["measured"],
  allowance = 0,
): Figure {
  const [ours, peer] = [medianTaken(measured.ours), medianTaken(measured.peer)];
  const ratio = (own: number, other: number) =>
    "atLeast" in subject.goal ? other / own : Math.max(0, own - allowance) / other;
  const value = ratio(ours.wall, peer.wall);
  return {
    ...subject,
    unit: "times",
    value,
    byProcessor: ratio(ours.processor, peer.processor),
    reached: reaches(value, subject.goal),
    measured,
  };
}

/** A figure that stands for itself. */
export function plainFigure(
  subject: Omit<Subject, "peer">,
  unit: "s" | "GB",
  value: number,
  ours: Taken[],
): Figure {
  return {
    ...subject,
    peer: null,
    unit,
    value,
    byProcessor: unit === "s" ? medianTaken(ours).processor : null,
    reached: reaches(value, subject.goal),
    measured: { ours, peer: [] },
  };
}

/** Whether a value is what it has to be. */
export function reaches(value: number, goal: Goal): boolean {
  return "atMost" in goal ? value <= goal.atMost : value >= goal.atLeast;
}
