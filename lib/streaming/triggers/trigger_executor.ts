import type { Clock } from "./clock.ts";
import { intervalOf, type Trigger } from "./trigger.ts";

/**
 * Looks for data and takes one batch of it.
 *
 * @param look Whether to look for what has come since; otherwise the batch is of what the last look
 *   has found.
 * @returns Whether there was data.
 */
export type RunTrigger = (look: boolean) => Promise<boolean>;

/** When to look, and for how long. */
export interface Schedule {
  trigger: Trigger;
  clock: Clock;
  /** Ends the schedule. */
  signal: AbortSignal;
}

/**
 * Runs a query's triggers when they are due, until there is nothing more to do or the signal is
 * aborted. The times are those of Spark's `ProcessingTimeExecutor`.
 *
 * @throws The signal's reason, or what `runTrigger` throws.
 */
export async function executeTriggers(schedule: Schedule, runTrigger: RunTrigger): Promise<void> {
  const { trigger, signal } = schedule;
  signal.throwIfAborted();
  if ("once" in trigger) {
    await runTrigger(true);
  } else if ("availableNow" in trigger) {
    for (let look = true; await runTrigger(look); look = false) signal.throwIfAborted();
  } else {
    const interval = intervalOf(trigger.processingTime);
    if (interval > 0) await runAtIntervals(interval, schedule, runTrigger);
    else await runAsSoonAsPossible(schedule, runTrigger);
  }
}

async function runAtIntervals(
  interval: number,
  { clock, signal }: Schedule,
  runTrigger: RunTrigger,
): Promise<never> {
  for (;;) {
    // Of the time before the batch: where that takes longer than the interval, the next one is due.
    const next = Math.floor(clock.now() / interval) * interval + interval;
    await runTrigger(true);
    await clock.waitUntil(next, signal);
  }
}

// A stream that waits for data spends at most a tenth of its time looking for it: over a hundred
// thousand files, that is a look every few seconds.
const pausePerLook = 9;
const shortestPause = 10;

async function runAsSoonAsPossible(
  { clock, signal }: Schedule,
  runTrigger: RunTrigger,
): Promise<never> {
  for (;;) {
    const start = clock.now();
    const hadData = await runTrigger(true);
    const end = clock.now();
    const pause = hadData ? 0 : Math.max(shortestPause, pausePerLook * (end - start));
    await clock.waitUntil(end + pause, signal);
  }
}
