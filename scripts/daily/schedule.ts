import { Cron } from "croner";
import { messageOf } from "../../lib/errors.ts";
import { UsageError } from "../command/command.ts";

/** How to run something on a schedule. */
export interface ScheduleOptions {
  /** Ends the schedule. */
  signal: AbortSignal;
  /** Told when the next run is, and of one that is skipped. */
  log(line: string): void;
}

/**
 * Runs `action` at every time that a cron pattern names, in the machine's time zone, until the
 * signal ends it; an action that is running then is waited for. A time that comes while the action
 * still runs is skipped, and said.
 *
 * The timers are croner's: they hold over a change to summer time and for months, where
 * `setTimeout` ends at 24 days.
 *
 * @param pattern `minute hour day month weekday`, such as `0 6 * * *`, or six fields with the second
 *   first.
 * @throws {UsageError} when the pattern is none, or names a time that never comes.
 * @throws The error of `action`, which ends the schedule.
 */
export async function runOnSchedule(
  pattern: string,
  action: () => Promise<void>,
  { signal, log }: ScheduleOptions,
): Promise<void> {
  const cron = parsePattern(pattern, () => log("skipped a run: the one before still runs"));
  const sayNext = () => log(`next run: ${cron.nextRun()}`);
  sayNext();
  let running: Promise<void> = Promise.resolve();
  try {
    await new Promise<void>((resolve, reject) => {
      signal.addEventListener("abort", () => resolve());
      if (signal.aborted) return resolve();
      cron.schedule(async () => {
        try {
          running = action();
          await running;
          if (!signal.aborted) sayNext();
        } catch (error) {
          reject(error);
        }
      });
    });
  } finally {
    cron.stop();
  }
  await running;
}

function parsePattern(pattern: string, onSkip: () => void): Cron {
  let cron: Cron;
  try {
    cron = new Cron(pattern, { mode: "5-or-6-parts", protect: onSkip });
  } catch (error) {
    throw new UsageError(`--cron "${pattern}" is no cron pattern: ${messageOf(error)}`);
  }
  if (cron.nextRun() !== null) return cron;
  throw new UsageError(`--cron "${pattern}" names a time that never comes`);
}
