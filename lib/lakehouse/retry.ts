import { setTimeout as sleep } from "node:timers/promises";
import { BirdsongError, messageOf } from "../errors.ts";

/** For how long an action that meets other writers is tried, in milliseconds. */
const patience = 60_000;
const firstPause = 10;
const longestPause = 100;

/**
 * Runs `action` again while it fails because of another writer, which holds the catalog's lock or
 * has committed first, for a minute at most. Pauses grow, and are random, so that writers in
 * several kernels get their turns.
 *
 * @param what What is being done, for the error when it gives up.
 */
export async function retryOnConflict<T>(what: string, action: () => Promise<T>): Promise<T> {
  const started = performance.now();
  for (let pause = firstPause;; pause = Math.min(longestPause, 2 * pause)) {
    try {
      return await action();
    } catch (error) {
      if (!isLockError(error) && !isConflict(error)) throw error;
      if (performance.now() - started > patience) {
        throw new BirdsongError(
          `${what}: other processes have kept the lake's catalog busy for a minute. ` +
            "Stop one of them, or try again later.",
          { cause: error, retriable: true },
        );
      }
    }
    await sleep(2 * pause * Math.random());
  }
}

/** Whether an error says that another process holds SQLite's lock, so that trying again may work. */
function isLockError(error: unknown): boolean {
  return /database is locked|database table is locked|SQLITE_BUSY/i.test(messageOf(error));
}

/**
 * Whether an error says that another transaction changed the same rows, or made the same tables,
 * first. (With a catalog in SQLite most such clashes read as a lock.)
 */
function isConflict(error: unknown): boolean {
  return /transaction conflict|conflict(s)? (on|with)|write-write conflict|Failed to load DuckLake/i
    .test(messageOf(error));
}
