import { type Finding, levelOf, type Threshold } from "../finding.ts";
import { number, percent, size } from "../format.ts";
import type { ShuffleMeasurement } from "../shuffle.ts";

/** How often a person's row was merged into the application table, on average. */
const mergesPerGroup: Threshold = { fair: 2, poor: 4 };

/** Batches of so many rows are not small: what comes day by day is merged day by day. */
const smallBatchRows = 1_000;

/** Says whether more travels than has to. */
export function judgeShuffle(measured: ShuffleMeasurement): Finding {
  const { rows, groups, merged, batchRows, crossings } = measured;
  const merges = merged / Math.max(1, groups);
  const verdict = batchRows < smallBatchRows ? levelOf(merges, mergesPerGroup) : "good";
  const crossing = crossings.distinct.bytes + crossings.back.bytes;
  const share = crossing / crossings.rows.bytes;
  const kept = Math.max(0, rows - merged);
  return {
    dimension: "shuffle",
    measured: `${number(merged)} groups merged for ${number(groups)} people in ${number(rows)} ` +
      `mentions: each ${merges.toFixed(1)} times, in batches of ${number(Math.round(batchRows))} ` +
      `rows; ${size(crossing)} a row go to the workers and back, ${percent(share)} of the row`,
    verdict,
    advice: verdict === "good"
      ? `nothing to do: grouping before merging keeps ${number(kept)} rows away`
      : "make batches larger: raise maxRowsPerTrigger (BIRDSONG_MAX_ROWS_PER_TRIGGER) or the " +
        `processingTime, so that the same people are merged less often`,
  };
}
