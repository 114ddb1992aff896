import { BirdsongError } from "../errors.ts";

/** A prediction: how sure the model was of its class (0 to 1), and whether it was right. */
export interface Prediction {
  probability: number;
  correct: boolean;
}

/** The predictions whose probability lies between `from` and `to` (which belongs to the bin). */
export interface CalibrationBin {
  from: number;
  to: number;
  cases: number;
  /** Mean probability of the bin's predictions; NaN where it has none. */
  probability: number;
  /** Share of the bin's predictions that were right; NaN where it has none. */
  accuracy: number;
}

/** How far probabilities can be taken at their word. */
export interface Calibration {
  /** Of equal width, from 0 to 1. */
  bins: CalibrationBin[];
  /**
   * Expected calibration error: by how much probability and share of right predictions differ, on
   * average over the predictions. 0 is perfect.
   */
  expectedCalibrationError: number;
  cases: number;
}

/**
 * The calibration of a model's predictions, as Guo et al. define it (On Calibration of Modern Neural
 * Networks, 2017).
 *
 * @param options.bins @default 15, as there
 * @throws {BirdsongError} when a probability does not lie between 0 and 1.
 */
export function calibrationOf(
  predictions: Iterable<Prediction>,
  options: { bins?: number } = {},
): Calibration {
  const { bins: number = 15 } = options;
  const sums = Array.from({ length: number }, () => ({ cases: 0, probability: 0, correct: 0 }));
  let cases = 0;
  for (const { probability, correct } of predictions) {
    if (!(probability >= 0 && probability <= 1)) {
      throw new BirdsongError(`a probability must lie between 0 and 1, but is ${probability}`);
    }
    const sum = sums[Math.max(0, Math.ceil(probability * number) - 1)];
    sum.cases++;
    sum.probability += probability;
    sum.correct += Number(correct);
    cases++;
  }
  const error = sums.reduce((total, sum) => total + Math.abs(sum.probability - sum.correct), 0);
  return {
    bins: sums.map((sum, i) => ({
      from: i / number,
      to: (i + 1) / number,
      cases: sum.cases,
      probability: sum.probability / sum.cases,
      accuracy: sum.correct / sum.cases,
    })),
    expectedCalibrationError: cases === 0 ? 0 : error / cases,
    cases,
  };
}
