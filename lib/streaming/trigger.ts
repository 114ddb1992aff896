import { BirdsongError } from "../errors.ts";

/** When a query looks for data. The words are Spark's. */
export type Trigger =
  /** Everything present at the start, in as many batches as the limits ask; then stop. */
  | { availableNow: true }
  /** Everything present at the start in one batch, whatever the limits say; then stop. */
  | { once: true }
  /** A batch at each interval, at once if late, none without data: `"2 seconds"`, `"500 ms"`. */
  | { processingTime: string };

const unit: Record<string, number> = { ms: 1, millisecond: 1, second: 1000, minute: 60_000 };

/**
 * The interval of a `processingTime` trigger in milliseconds.
 *
 * @throws {BirdsongError} when the text is not a number and a unit.
 */
export function intervalOf(processingTime: string): number {
  const match = /^(\d+(?:\.\d+)?) *(ms|millisecond|second|minute)s?$/.exec(processingTime.trim());
  if (!match) {
    throw new BirdsongError(
      `processingTime must be a number with ms, seconds or minutes, such as "2 seconds", ` +
        `but is "${processingTime}"`,
    );
  }
  return Number(match[1]) * unit[match[2]];
}
