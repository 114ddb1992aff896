import { oneLine } from "../../charts/label.ts";
import { type Finding, type Level, levelOf, type Threshold } from "../finding.ts";
import { number, percent } from "../format.ts";
import { type SkewMeasurement, tasks } from "../skew.ts";

/** The largest task by the median one. Spark splits one from 5 on (`skewedPartitionFactor`). */
const straggling: Threshold = { fair: 2, poor: 5 };

/** Share of the texts that are longer than what the model looks at. */
const cutTexts: Threshold = { fair: 0.01, poor: 0.05 };

/** With fewer rows, chance alone makes tasks unequal, and none takes long. */
const fewRows = 1_000;

/** Says whether some mentions, or some texts, take far more than the others. */
export function judgeSkew({ mentions, lengths }: SkewMeasurement): Finding {
  const { rows, top, topShare, tasks: loads } = mentions;
  const factor = loads.asTheyAre.straggling;
  const keys: Level = rows < fewRows ? "good" : levelOf(factor, straggling);
  const texts = levelOf(lengths.cutShare, cutTexts);
  const advice: string[] = [];
  if (keys !== "good") {
    advice.push(
      `group each batch before rows travel, as the application stream does; a join on mention ` +
        `needs a salted key, which brings ${number(loads.worse.straggling)} down to ` +
        number(loads.better.straggling),
    );
  }
  if (texts !== "good") {
    advice.push(
      `of the long texts, only the first ${number(lengths.maxTokens)} tokens are scored: split ` +
        "them in silver, or take a model that reads more",
    );
  }
  if (advice.length === 0) {
    const { padding } = lengths.batching.arrival;
    advice.push(`nothing to do: batches of equal length save ${percent(padding)} of the tokens`);
  }
  return {
    dimension: "skew",
    measured: (top === null ? "nobody is mentioned" : `@${oneLine(top, 20)} has ` +
      `${percent(topShare)} of ${number(rows)} mentions; the largest of ${tasks} tasks has ` +
      `${number(factor)} times the median's`) +
      `; ${percent(lengths.cutShare)} of the texts are cut`,
    verdict: keys === "poor" || texts === "poor"
      ? "poor"
      : keys === "good" && texts === "good"
      ? "good"
      : "fair",
    advice: advice.join("; "),
  };
}
