import type { ScoreOptions, Scorer } from "../sentiment/scorer.ts";
import { labels } from "../sentiment/sentiment.ts";
import { cleanText } from "../tweets/mentions.ts";
import { type Calibration, calibrationOf } from "./calibration.ts";
import type { LabelledText } from "./labelled_texts.ts";
import { type ClassificationReport, classificationReport } from "./metrics.ts";

/** What a model makes of texts whose sentiment is known. */
export interface TextEvaluation {
  /** `counts[i][j]`: texts of class i predicted as class j; negative, neutral, positive. */
  counts: number[][];
  report: ClassificationReport;
  calibration: Calibration;
  /**
   * The figures to compare models by. `macro_recall` is the measure of the SemEval tasks; a class
   * that no text has is left out of it.
   */
  metrics: Record<string, number>;
}

/**
 * Scores labelled texts as gold scores tweets (their mentions removed first), and compares.
 *
 * @throws what {@linkcode Scorer.score} throws.
 */
export async function evaluateTexts(
  scorer: Scorer,
  texts: readonly LabelledText[],
  options: ScoreOptions = {},
): Promise<TextEvaluation> {
  const sentiments = await scorer.score(texts.map(({ text }) => cleanText(text)), options);
  const counts = labels.map(() => labels.map(() => 0));
  sentiments.forEach((sentiment, i) => {
    counts[labels.indexOf(texts[i].label)][labels.indexOf(sentiment.label)]++;
  });
  const report = classificationReport(counts);
  const calibration = calibrationOf(sentiments.map(({ label, score }, i) => ({
    probability: score,
    correct: label === texts[i].label,
  })));
  return { counts, report, calibration, metrics: metricsOf(report, calibration) };
}

function metricsOf(report: ClassificationReport, calibration: Calibration): Record<string, number> {
  const present = report.classes.filter(({ support }) => support > 0);
  const mean = (name: "recall" | "f1") =>
    present.reduce((sum, one) => sum + one[name], 0) / present.length;
  const metrics: Record<string, number> = {
    accuracy: report.accuracy,
    macro_recall: mean("recall"),
    macro_f1: mean("f1"),
    expected_calibration_error: calibration.expectedCalibrationError,
    texts: calibration.cases,
  };
  for (const { label, precision, recall, f1 } of present) {
    Object.assign(metrics, {
      [`precision_${label}`]: precision,
      [`recall_${label}`]: recall,
      [`f1_${label}`]: f1,
    });
  }
  return metrics;
}
