import { BirdsongError } from "../errors.ts";
import type { Label } from "./sentiment.ts";

const names = new Map<string, Label>([
  ["neg", "negative"],
  ["negative", "negative"],
  ["neu", "neutral"],
  ["neutral", "neutral"],
  ["pos", "positive"],
  ["positive", "positive"],
]);

// Models whose author named no class carry LABEL_0, LABEL_1, ...; sentiment models count upwards.
const numbered: Record<number, Label[]> = {
  2: ["negative", "positive"],
  3: ["negative", "neutral", "positive"],
};

/** The course's class that goes by this name, such as `POS` or `Positive`. */
export function labelNamed(name: string): Label | undefined {
  return names.get(name.trim().toLowerCase());
}

/**
 * The course's class of each of a model's outputs, in their order, read from `id2label` of its
 * `config.json`: `NEG`/`NEU`/`POS`, `negative`/..., `LABEL_0`/..., in two or three classes.
 *
 * @param where The file, for the error.
 * @throws {BirdsongError} with the labels found, when they are no sentiment classes.
 */
export function labelsOf(id2label: unknown, where: string): Label[] {
  // Keys that are numbers stand in their order, however the file has them.
  const found = Object.values(id2label ?? {}).map(String);
  const byNumber = found.every((label, i) => label === `LABEL_${i}`);
  const labels = byNumber ? numbered[found.length] : found.map(labelNamed);

  const usable = labels?.every((label) => label !== undefined) &&
    new Set(labels).size === labels.length &&
    labels.includes("negative") && labels.includes("positive");
  if (!usable) {
    throw new BirdsongError(
      `${where} does not describe a sentiment model: its id2label is ` +
        `[${found.join(", ")}], but must be negative, (neutral,) positive, ` +
        "NEG, (NEU,) POS, or LABEL_0, LABEL_1(, LABEL_2)",
      { context: { file: where } },
    );
  }
  return labels;
}
