import { BirdsongError } from "../errors.ts";
import { labels } from "../sentiment/sentiment.ts";

/** The ways to make two classes of three: neutral is left out, or counted as another class. */
export const neutralAsValues = ["exclude", "positive", "negative"] as const;

/** What neutral counts as, where only negative and positive are compared. */
export type NeutralAs = typeof neutralAsValues[number];

/** How well one class was found; all figures but `support` are 0 to 1. */
export interface ClassMetrics {
  /** The class, or the kind of average. */
  label: string;
  /** Share of the cases predicted as this class that are of it. */
  precision: number;
  /** Share of the cases of this class that were predicted as it. */
  recall: number;
  /** Harmonic mean of the two. */
  f1: number;
  /** Cases given this class. */
  support: number;
}

/** Metrics of the positive class against the negative one. */
export interface BinaryMetrics extends Omit<ClassMetrics, "label"> {
  /** Share of the compared cases that were predicted right. */
  accuracy: number;
  /** Cases that were compared: fewer than all where neutral is left out. */
  compared: number;
}

/** Metrics of all three classes. */
export interface ClassificationReport {
  /** Negative, neutral, positive. */
  classes: ClassMetrics[];
  /** Share of all cases that were predicted right. */
  accuracy: number;
  /** Mean of the classes, each as important as the other. */
  macro: ClassMetrics;
  /** Mean of the classes, weighted by their support. */
  weighted: ClassMetrics;
}

/**
 * Precision, recall, F1 and accuracy with positive as the positive class. A share of nothing is 0,
 * as with scikit-learn's `zero_division=0`.
 *
 * @param counts `counts[i][j]`: cases of the given class i predicted as class j, in the order
 *   negative, neutral, positive.
 * @param options What a neutral case counts as, whether given or predicted.
 */
export function binaryMetrics(
  counts: number[][],
  options: { neutralAs: NeutralAs },
): BinaryMetrics {
  check(counts);
  const { neutralAs } = options;
  if (!neutralAsValues.includes(neutralAs)) {
    throw new BirdsongError(
      `neutralAs must be one of ${neutralAsValues.join(", ")}, but is "${neutralAs}"`,
    );
  }
  const binary = [[0, 0], [0, 0]];
  for (const [i, given] of labels.entries()) {
    for (const [j, predicted] of labels.entries()) {
      const classes = [given, predicted].map((label) => label === "neutral" ? neutralAs : label);
      if (classes.includes("exclude")) continue;
      const [row, column] = classes.map((label) => label === "positive" ? 1 : 0);
      binary[row][column] += counts[i][j];
    }
  }
  const { label: _, ...positive } = classMetrics(binary, 1, "positive");
  return { ...positive, accuracy: accuracyOf(binary), compared: sum(binary.flat()) };
}

/**
 * Precision, recall and F1 of each class and on average, with the definitions of scikit-learn's
 * `classification_report(..., labels=["negative", "neutral", "positive"], zero_division=0)`: a
 * class that no case has counts in the macro average, with 0.
 *
 * @param counts As for {@linkcode binaryMetrics}.
 */
export function classificationReport(counts: number[][]): ClassificationReport {
  check(counts);
  const classes = labels.map((label, index) => classMetrics(counts, index, label));
  return {
    classes,
    accuracy: accuracyOf(counts),
    macro: average("macro avg", classes, () => 1),
    weighted: average("weighted avg", classes, ({ support }) => support),
  };
}

function classMetrics(counts: number[][], index: number, label: string): ClassMetrics {
  const hits = counts[index][index];
  const support = sum(counts[index]);
  const predicted = sum(counts.map((row) => row[index]));
  return {
    label,
    precision: share(hits, predicted),
    recall: share(hits, support),
    f1: share(2 * hits, support + predicted),
    support,
  };
}

function average(
  label: string,
  classes: ClassMetrics[],
  weight: (metrics: ClassMetrics) => number,
): ClassMetrics {
  const mean = (name: "precision" | "recall" | "f1") =>
    share(sum(classes.map((one) => weight(one) * one[name])), sum(classes.map(weight)));
  return {
    label,
    precision: mean("precision"),
    recall: mean("recall"),
    f1: mean("f1"),
    support: sum(classes.map(({ support }) => support)),
  };
}

function accuracyOf(counts: number[][]): number {
  return share(sum(counts.map((row, index) => row[index])), sum(counts.flat()));
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function check(counts: number[][]): void {
  const n = labels.length;
  const square = counts.length === n && counts.every((row) => row.length === n);
  if (!square || !counts.flat().every((count) => Number.isSafeInteger(count) && count >= 0)) {
    throw new BirdsongError(
      `counts must be ${n} rows of ${n} whole numbers of at least 0: given by predicted class, in ` +
        `the order ${labels.join(", ")}`,
    );
  }
}
