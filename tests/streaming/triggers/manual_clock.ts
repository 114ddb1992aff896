import type { Clock } from "../../../lib/streaming/triggers/clock.ts";

/** A clock whose time stands still until a test moves it, like Spark's `StreamManualClock`. */
export class ManualClock implements Clock {
  readonly #sleepers = new Set<{ time: number; wake: () => void }>();
  #onSleep = () => {};

  constructor(private time = 0) {}

  now(): number {
    return this.time;
  }

  async waitUntil(time: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (time <= this.time) return;
    const woken = Promise.withResolvers<void>();
    const sleeper = { time, wake: woken.resolve };
    const abort = () => woken.reject(signal.reason);
    signal.addEventListener("abort", abort);
    this.#sleepers.add(sleeper);
    this.#onSleep();
    try {
      await woken.promise;
    } finally {
      this.#sleepers.delete(sleeper);
      signal.removeEventListener("abort", abort);
    }
  }

  /** Moves the time, and wakes whom it has come for. */
  advance(milliseconds: number): void {
    this.time += milliseconds;
    for (const sleeper of this.#sleepers) {
      if (sleeper.time > this.time) continue;
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
  }

  /** Waits until someone waits for a time, and tells which. */
  async sleeping(): Promise<number> {
    while (this.#sleepers.size === 0) {
      await new Promise<void>((resolve) => this.#onSleep = resolve);
    }
    return [...this.#sleepers][0].time;
  }
}
