import type { ClassificationReport, ClassMetrics } from "./metrics.ts";

const nameWidth = "weighted avg".length;
const columnWidth = 10;

/** A classification report as plain text, laid out as scikit-learn prints it, with three digits. */
export function reportText({ classes, accuracy, macro, weighted }: ClassificationReport): string {
  const row = ({ label, precision, recall, f1, support }: ClassMetrics) =>
    line(label, [digits(precision), digits(recall), digits(f1), String(support)]);
  return [
    line("", ["precision", "recall", "f1-score", "support"]),
    "",
    ...classes.map(row),
    "",
    line("accuracy", ["", "", digits(accuracy), String(macro.support)]),
    row(macro),
    row(weighted),
    "",
  ].join("\n");
}

function line(name: string, values: string[]): string {
  const columns = values.map((value) => value.padStart(columnWidth));
  return `${name.padStart(nameWidth)} ${columns.join("")}`;
}

function digits(value: number): string {
  return value.toFixed(3);
}
