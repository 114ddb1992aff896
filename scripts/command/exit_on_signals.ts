import { constants } from "node:os";
import process from "node:process";

/**
 * Lets Ctrl-C, `kill` and a closed terminal end the process by itself, so that what waits for its
 * `exit` runs, such as the removal of temporary files. By themselves, signals end it without.
 */
export function exitOnSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  }
}
