import { BirdsongError } from "../errors.ts";
import { systemClock } from "./triggers/clock.ts";

/**
 * Waits for `end`, but no longer than `timeoutMs` milliseconds where that is given. It does not say
 * which of the two came.
 *
 * @throws {BirdsongError} when the timeout is not positive, as in Spark.
 */
export async function waitAtMost(end: Promise<void>, timeoutMs?: number): Promise<void> {
  if (timeoutMs === undefined) return await end;
  if (!(timeoutMs > 0)) {
    throw new BirdsongError(`timeoutMs must be greater than 0, but is ${timeoutMs}`);
  }
  const timer = new AbortController();
  const timeout = systemClock.waitUntil(systemClock.now() + timeoutMs, timer.signal);
  await Promise.race([end, timeout.catch(() => {})]);
  timer.abort();
}
