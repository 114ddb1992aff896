import type { Clock } from "./clock.ts";
import type { DurationMs } from "../progress.ts";

/** Measures a trigger and its steps, which follow each other without a gap. */
export class TriggerTimer {
  /** When the trigger began, in milliseconds since 1970. */
  readonly start: number;
  #last: number;
  readonly #durationMs: DurationMs = {
    latestOffset: 0,
    getBatch: 0,
    addBatch: 0,
    commitOffsets: 0,
    triggerExecution: 0,
  };

  constructor(private readonly clock: Clock) {
    this.start = this.#last = clock.now();
  }

  /** The time since the last call was spent on this step. */
  spentOn(step: Exclude<keyof DurationMs, "triggerExecution">): void {
    const now = this.clock.now();
    // The machine's time may be set back.
    const elapsed = Math.max(0, now - this.#last);
    this.#last = now;
    this.#durationMs[step] += elapsed;
    this.#durationMs.triggerExecution += elapsed;
  }

  /** The times so far. */
  get durationMs(): DurationMs {
    return { ...this.#durationMs };
  }
}
