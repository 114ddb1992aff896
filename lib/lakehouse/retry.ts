import { setTimeout as sleep } from "node:timers/promises";
import { BirdsongError, messageOf } from "../errors.ts";

/** How often a statement that met another writer's lock is tried, and how long between. */
const attempts = 12;
const firstPause = 20;
const longestPause = 1000;

/**
 * Runs `action` again while it fails for a lock that another process holds on the catalog, with
 * growing pauses (about 6 s in all), so that writers in several kernels take turns.
 *
 * @param what What is being done, for the error when it gives up.
 */
export async function retryOnLock<T>(what: string, action: () => Promise<T>): Promise<T> {
  for (let attempt = 1;; attempt++) {
    try {
      return await action();
    } catch (error) {
      if (!isLockError(error)) throw error;
      if (attempt === attempts) {
        throw new BirdsongError(
          `${what}: another process has held the lock on the lake's catalog for too long ` +
            `(${attempts} attempts). Stop it, or try again later.`,
          { cause: error, retriable: true },
        );
      }
    }
    const pause = Math.min(longestPause, firstPause * 2 ** (attempt - 1));
    await sleep(pause * (0.5 + Math.random()));
  }
}

/** Whether an error says that another process holds SQLite's lock, so that trying again may work. */
export function isLockError(error: unknown): boolean {
  return /database is locked|database table is locked|SQLITE_BUSY/i.test(messageOf(error));
}

/**
 * Whether an error says that another transaction changed the same rows, or made the same tables,
 * first. (With a catalog in SQLite most such clashes read as a lock.)
 */
export function isConflict(error: unknown): boolean {
  return /transaction conflict|conflict(s)? (on|with)|write-write conflict|Failed to load DuckLake/i
    .test(messageOf(error));
}
