/** Charts as plotly figures, interactive in a notebook and as static images elsewhere. */
export { barChart, type BarChartOptions, type BarRow } from "./bar.ts";
export { calibrationChart, type CalibrationChartOptions } from "./calibration.ts";
export { confusionMatrix, type ConfusionMatrixOptions } from "./confusion_matrix.ts";
export { type Config, Figure, type FigureBundle, type Layout, type Trace } from "./figure.ts";
export { lineChart, type LineChartOptions, type Point, type Series } from "./line.ts";
export {
  sentimentBarChart,
  type SentimentBarChartOptions,
  type SentimentRow,
} from "./sentiment_bar.ts";
export { staticImage, type StaticImageOptions } from "./static_image.ts";
export type { SentimentColour } from "./colour.ts";
