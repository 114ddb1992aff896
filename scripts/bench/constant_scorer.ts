import type { Scorer } from "../../lib/sentiment/scorer.ts";
import type { Sentiment } from "../../lib/sentiment/sentiment.ts";

const sentiments: Sentiment[] = [
  { label: "negative", score: 0.8, negative: 0.8, neutral: 0.1, positive: 0.1 },
  { label: "neutral", score: 0.7, negative: 0.1, neutral: 0.7, positive: 0.2 },
  { label: "positive", score: 0.9, negative: 0, neutral: 0.1, positive: 0.9 },
];

/** Stands in for a model where the time of all but scoring is measured. */
export const constantScorer = {
  score: (texts: readonly string[]) =>
    Promise.resolve(texts.map((text) => sentiments[text.length % sentiments.length])),
  describe: () => ({ model: "none", provider: "cpu", modelFile: "none", sha256: "" }),
} as unknown as Scorer;
