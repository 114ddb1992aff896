import { setTimeout as sleep } from "node:timers/promises";
import { BirdsongError, messageOf } from "../errors.ts";

const firstPause = 10;
const longestPause = 100;

/**
 * Runs `action` again while it fails because of another writer, which holds the catalog's lock or
 * has committed first. Pauses grow, and are random, so that writers in several kernels get their
 * turns.
 *
 * @param what What is being done, for the error when it gives up.
 * @param patience Milliseconds after which it is not tried again. @default 60000
 * @throws {BirdsongError} when it gives up, with the last error as its cause.
 * @throws Any other error of `action`, at once.
 */
export async function retryOnConflict<T>(
  what: string,
  action: () => Promise<T>,
  patience = 60_000,
): Promise<T> {
  const started = performance.now();
  for (let pause = firstPause;; pause = Math.min(longestPause, 2 * pause)) {
    try {
      return await action();
    } catch (error) {
      if (!isConflict(error)) throw error;
      if (performance.now() - started > patience) throw givenUp(what, patience, error);
    }
    await sleep(2 * pause * Math.random());
  }
}

function givenUp(what: string, patience: number, cause: unknown): BirdsongError {
  return new BirdsongError(
    `${what}: other processes have kept the lake's catalog busy for ${patience / 1000} s. ` +
      "Nothing of this was written. `deno task streams` shows the streams that run; a stopped " +
      "process or a program that has the catalog open may hold its lock, too. End what holds it, " +
      "then start again.",
    { cause, retriable: true },
  );
}

/**
 * What is said when another transaction was faster, from the first word on: further behind, a
 * message may quote the values of a statement. Several processes that wrote, made, altered, dropped
 * and compacted the same tables have met these.
 */
const conflicts: readonly RegExp[] = [
  // SQLite, at any step: another process is committing, or has since this transaction began.
  /^(Invalid|TransactionContext) Error: (.*: )?database (table )?is locked$/s,
  // DuckLake: another transaction has changed the same table, or made one of this name.
  /^TransactionContext Error: Failed to commit: Failed to commit DuckLake transaction\.\n(Transaction conflict - |Exceeded the maximum retry count )/,
  // DuckLake has read its catalog while another transaction was made visible.
  /^(TransactionContext|Invalid Input) Error: (Failed to commit: Failed to commit DuckLake transaction\.\n)?Failed to load DuckLake - /,
  /^Catalog Error: Failed to read inlined data from DuckLake: Table with name \w+ does not exist!/,
  // PostgreSQL, at any step.
  /^(Invalid|TransactionContext) Error: .*: ERROR: {2}(could not serialize access|deadlock detected|canceling statement due to lock timeout)/s,
  // PostgreSQL: another process is making the same lake.
  /^Invalid Error: Failed to initialize DuckLake: .*: ERROR: {2}(duplicate key value|relation "ducklake_\w+" already exists)/s,
];

/** Whether an error says that another writer was faster, so that trying again may work. */
function isConflict(error: unknown): boolean {
  return conflicts.some((pattern) => pattern.test(messageOf(error)));
}
