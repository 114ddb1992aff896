import { type Finding, levelOf, number, percent, size, type Threshold } from "../finding.ts";
import type { ShuffleMeasurement } from "../shuffle.ts";

/** How often a person's row was merged into the application table, on average. */
export const mergesPerGroup: Threshold = { fair: 2, poor: 4 };

/** Says whether more travels than has to. */
export function judgeShuffle(measured: ShuffleMeasurement): Finding {
  const { rows, groups, merged, crossings } = measured;
  const merges = merged / Math.max(1, groups);
  const verdict = levelOf(merges, mergesPerGroup);
  const crossing = crossings.distinct.bytes + crossings.back.bytes;
  const share = crossing / crossings.rows.bytes;
  return {
    dimension: "shuffle",
    measured: `${number(merged)} groups merged for ${number(groups)} people and ` +
      `${number(rows)} mentions: each ${merges.toFixed(1)} times; ${
        size(crossing)
      } a row cross to ` +
      `the workers and back, ${percent(share)} of the row`,
    verdict,
    advice: verdict === "good"
      ? `nothing to do: grouping before merging keeps ${
        number(Math.max(0, rows - merged))
      } rows away`
      : "make batches larger: raise maxRowsPerTrigger (BIRDSONG_MAX_ROWS_PER_TRIGGER) or the " +
        `processingTime, so that the same people are merged less often`,
  };
}
