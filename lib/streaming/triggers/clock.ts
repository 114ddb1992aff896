import { setTimeout as sleep } from "node:timers/promises";

/** What tells a session's streams the time. A test gives them one whose time it moves itself. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /**
   * Waits until this time has come; at once where it has passed.
   *
   * @throws The signal's reason when it is aborted, also before.
   */
  waitUntil(time: number, signal: AbortSignal): Promise<void>;
}

// A longer timer fires at once.
const longestTimer = 2 ** 31 - 1;

/** The machine's time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  async waitUntil(time, signal) {
    signal.throwIfAborted();
    // A timer may fire a little early, and the machine's time may be set anew.
    for (let left = time - Date.now(); left > 0; left = time - Date.now()) {
      await sleep(Math.min(left, longestTimer), undefined, { signal });
    }
  },
};
