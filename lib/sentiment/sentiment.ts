/** The course's three classes, in the order of the numbers that the library computes. */
export const labels = ["negative", "neutral", "positive"] as const;

/** One of the course's three classes. */
export type Label = typeof labels[number];

/** What the model says of a text. The three probabilities add up to 1. */
export interface Sentiment {
  /** The most probable class. */
  readonly label: Label;
  /** Its probability, 0 to 1. */
  readonly score: number;
  readonly negative: number;
  readonly neutral: number;
  readonly positive: number;
}

/** The sentiment with these three probabilities (0 to 1). */
export function sentimentOf(negative: number, neutral: number, positive: number): Sentiment {
  const score = Math.max(negative, neutral, positive);
  const label = score === neutral ? "neutral" : score === negative ? "negative" : "positive";
  return { label, score, negative, neutral, positive };
}
