import { BirdsongError } from "../../errors.ts";

/** When a query looks for data. The words are Spark's. */
export type Trigger =
  /**
   * A batch at each multiple of the interval, at once if the last one took longer, none without
   * data: `"2 seconds"`. Of `"0 seconds"`, the next batch follows the last one at once.
   */
  | { processingTime: string }
  /** Everything present at the start, in as many batches as the limits ask; then stop. */
  | { availableNow: true }
  /** Everything present at the start in one batch, whatever the limits say; then stop. */
  | { once: true };

/** A query without a trigger: as soon as possible. */
export const defaultTrigger: Trigger = { processingTime: "0 seconds" };

const milliseconds: Record<string, number> = {
  ms: 1,
  millisecond: 1,
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

/** What an interval must be, for error messages. */
export const intervalRule =
  'a number of milliseconds, seconds, minutes, hours or days, such as "2 seconds"';

/**
 * The interval of a `processingTime` trigger in whole milliseconds.
 *
 * @throws {BirdsongError} when the text is not a number and a unit.
 */
export function intervalOf(processingTime: string): number {
  const words = /^(\d+(?:\.\d+)?) *(ms|millisecond|second|minute|hour|day)s?$/;
  // A cell's types are not checked: it may be a number.
  const [, number, unit] = words.exec(String(processingTime).trim()) ?? [];
  if (unit === undefined) {
    throw new BirdsongError(`processingTime must be ${intervalRule}, but is "${processingTime}"`);
  }
  return Math.round(Number(number) * milliseconds[unit]);
}

/**
 * Refuses what is not a trigger.
 *
 * @throws {BirdsongError} that says what is supported.
 */
export function checkTrigger(trigger: Trigger): void {
  const entries = Object.entries(trigger ?? {});
  const [[kind, value] = []] = entries;
  if (entries.length === 1) {
    if (kind === "processingTime") return void intervalOf(value as string);
    if ((kind === "availableNow" || kind === "once") && value === true) return;
  }
  const continuous = entries.some(([name]) => name === "continuous")
    ? "; there is no continuous processing, but a query without a trigger starts each batch as " +
      "soon as the last one is committed"
    : "";
  throw new BirdsongError(
    'a trigger must be one of { processingTime: "2 seconds" }, { availableNow: true } and ' +
      `{ once: true }, but is ${JSON.stringify(trigger)}${continuous}`,
  );
}
