import type { Figure } from "./figure.ts";
import { lineChart } from "./line.ts";

/** What a calibration curve shows. */
export interface CalibrationChartOptions {
  title: string;
  /** Predictions by their probability; bins without any are left out. */
  bins: { cases: number; probability: number; accuracy: number }[];
}

/**
 * A calibration curve: how often the model was right, by how sure it was. On the diagonal its
 * probabilities mean what they say; below it the model is too sure of itself.
 */
export function calibrationChart({ title, bins }: CalibrationChartOptions): Figure {
  return lineChart({
    title,
    series: [
      {
        name: "the model",
        points: bins.filter(({ cases }) => cases > 0)
          .map(({ probability, accuracy }) => ({ x: probability, y: accuracy })),
      },
      { name: "perfect", points: [{ x: 0, y: 0 }, { x: 1, y: 1 }] },
    ],
    xTitle: "predicted probability",
    yTitle: "share that was right",
  });
}
