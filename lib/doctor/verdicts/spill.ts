import { type Finding, levelOf, type Threshold } from "../finding.ts";
import { number, percent, size } from "../format.ts";
import type { SpillMeasurement } from "../spill.ts";

/** The largest batch's memory, as a share of the limit: at 1 it would spill. */
const batchShare: Threshold = { fair: 0.5, poor: 1 };

/** Says whether batches fit into memory. */
export function judgeSpill(measured: SpillMeasurement): Finding {
  const { memoryLimitBytes, largestBatchRows, bytesPerRow } = measured;
  const bytes = largestBatchRows * bytesPerRow;
  const share = bytes / memoryLimitBytes;
  const verdict = levelOf(share, batchShare);
  // Half of what is only just good, in whole hundreds of rows.
  const rows = 100 * Math.max(1, Math.floor(0.0025 * memoryLimitBytes / bytesPerRow));
  return {
    dimension: "spill",
    measured: largestBatchRows === 0
      ? `no stream has taken a batch yet; the memory limit is ${size(memoryLimitBytes)}`
      : `the largest batch, ${number(largestBatchRows)} rows, takes ${size(bytes)}: ` +
        `${percent(share)} of the memory limit, ${size(memoryLimitBytes)}`,
    verdict,
    advice: verdict !== "good"
      ? `set maxRowsPerTrigger to ${number(rows)} (BIRDSONG_MAX_ROWS_PER_TRIGGER), ` +
        `or raise DuckDB's memory_limit to ${size(2 * bytes)} and more`
      : `nothing to do: batches of ${number(Math.floor(memoryLimitBytes / bytesPerRow))} rows fit`,
  };
}
