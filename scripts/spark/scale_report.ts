import type { Machine } from "../../lib/machine.ts";
import { formatTable } from "../command/table.ts";

/** What a tier took on a cluster. */
export interface TierFigures {
  tier: string;
  /** Rows that came in; silver makes a row of each person mentioned. */
  rows: number;
  batches: number;
  /** Of all batches, from the look for data to the commit. */
  seconds: number;
  /** Of a batch that one tweet came into: what every batch costs, whatever is in it. */
  smallBatchSeconds: number;
  /** Of the table, on disk. */
  bytes: number;
}

/** The tiers on so many workers, with one core each. */
export interface ScaleRun {
  workers: number;
  tiers: TierFigures[];
}

/** What `scale.ts` prints as JSON. */
export interface ScaleReport {
  date: string;
  machine: Machine;
  /** Load average of the minute before the run began and ended. */
  load: [number, number];
  tweets: number;
  files: number;
  runs: ScaleRun[];
}

/** The report as tables for the terminal. */
export function formatScale({ machine, load, tweets, files, runs }: ScaleReport): string {
  const rows = runs.flatMap(({ workers, tiers }) =>
    tiers.map((figures) => [
      `${workers}`,
      figures.tier,
      `${figures.rows}`,
      `${figures.batches}`,
      figures.seconds.toFixed(1),
      (tweets / figures.seconds).toFixed(0),
      figures.smallBatchSeconds.toFixed(1),
      rateWithout(tweets, figures),
      (figures.bytes / tweets).toFixed(0),
      speedUp(figures, runs[0]),
    ])
  );
  return [
    `${tweets} tweets in ${files} files; ${machine.cores} cores, ${machine.processor}, load average ` +
    `${load[0].toFixed(1)} before and ${load[1].toFixed(1)} after`,
    "",
    formatTable([
      "workers",
      "tier",
      "rows in",
      "batches",
      "seconds",
      "tweets/s",
      "small batch, s",
      "without it, tweets/s",
      "bytes/tweet",
      "times the first",
    ], rows),
  ].join("\n");
}

/** Tweets a second without what each batch costs anyhow; of few tweets, chance decides what is more. */
function rateWithout(
  tweets: number,
  { seconds, batches, smallBatchSeconds }: TierFigures,
): string {
  const rest = seconds - batches * smallBatchSeconds;
  return rest > 0 ? (tweets / rest).toFixed(0) : "too few";
}

function speedUp(figures: TierFigures, first: ScaleRun): string {
  const reference = first.tiers.find(({ tier }) => tier === figures.tier)!;
  return (reference.seconds / figures.seconds).toFixed(2);
}
