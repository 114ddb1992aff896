import { BirdsongError } from "../errors.ts";
import { mix, textColourOn } from "./colour.ts";
import { Figure } from "./figure.ts";
import { formatNumber, oneLine, plotlyText } from "./label.ts";
import { chartLayout, namesAxis } from "./layout.ts";

/** What a confusion matrix shows. */
export interface ConfusionMatrixOptions {
  title: string;
  /** The classes, in the order of the rows and columns of `counts`. */
  labels: string[];
  /** `counts[i][j]`: how many of the actual class i were predicted as class j. */
  counts: number[][];
}

/**
 * A confusion matrix: actual classes down, predicted classes across, in each cell the count and
 * its share of the actual class, which is also what the cell's colour shows.
 *
 * Its cells are shapes, because the static renderer smooths a heatmap's.
 *
 * @throws {BirdsongError} if `counts` is not a square of counts with one row per label.
 */
export function confusionMatrix(options: ConfusionMatrixOptions): Figure {
  const { title, labels, counts } = options;
  check(labels, counts);
  const cells = counts.flatMap((row, actual) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.map((count, predicted) => {
      const share = total === 0 ? 0 : count / total;
      return { actual, predicted, count, share, colour: mix("#e3ecf7", "#0b3c6f", share) };
    });
  });
  const range = [-0.5, labels.length - 0.5];
  const recognised = labels.map((name, i) =>
    `${formatNumber(counts[i][i])} ${oneLine(name)} recognised`
  );
  return new Figure({
    data: [{
      type: "scatter",
      mode: "text",
      x: cells.map((cell) => cell.predicted),
      y: cells.map((cell) => cell.actual),
      text: cells.map(({ count, share }) => `${formatNumber(count)}<br>${percent(share)}`),
      textfont: { size: 14, color: cells.map((cell) => textColourOn(cell.colour)) },
      customdata: cells.map(({ actual, predicted }) =>
        plotlyText(`${oneLine(labels[actual])}, predicted ${oneLine(labels[predicted])}`)
      ),
      hovertemplate: "%{customdata}: %{text}<extra></extra>",
    }],
    layout: chartLayout(title, { height: 180 + 90 * labels.length, empty: false }, {
      shapes: cells.map(({ actual, predicted, colour }) => ({
        type: "rect",
        layer: "below",
        x0: predicted - 0.49,
        x1: predicted + 0.49,
        y0: actual - 0.49,
        y1: actual + 0.49,
        fillcolor: colour,
        line: { width: 0 },
      })),
      xaxis: namesAxis("predicted", labels, { range }),
      yaxis: namesAxis("actual", labels, { range: [...range].reverse() }),
    }),
    description: `${oneLine(title, 100)} (confusion matrix: ${recognised.join(", ")})`,
  });
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function check(labels: string[], counts: number[][]): void {
  const n = labels.length;
  const square = n > 0 && counts.length === n && counts.every((row) => row.length === n);
  if (!square || !counts.flat().every((count) => Number.isSafeInteger(count) && count >= 0)) {
    throw new BirdsongError(
      `a confusion matrix of ${n} labels must have ${n} rows of ${n} counts, which are whole ` +
        "numbers of at least 0",
    );
  }
}
