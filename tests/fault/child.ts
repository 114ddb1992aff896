import process from "node:process";
import { messageOf } from "../../lib/errors.ts";
import type { LastWords } from "./death.ts";

/** What a process prints, one JSON text a line. */
export type ChildLine<Report> =
  /** It is at work. */
  | { ready: true }
  /** It has done something. */
  | { report: Report }
  /** It kills itself now. */
  | { death: LastWords };

/**
 * For how long a commit is tried, in milliseconds. Five processes that commit without a pause leave
 * each other little room on a busy machine; giving up is tested elsewhere.
 */
export const patience = 600_000;

/** The main program of a `ChildProcess`; it ends with the process that started it. */
export async function runAsChild<Order>(obey: (order: Order) => Promise<void>): Promise<void> {
  process.stdin.on("end", () => process.exit(0)).resume();
  try {
    await obey(JSON.parse(process.argv[2]));
  } catch (error) {
    console.error(messageOf(error));
    process.exit(1);
  }
}

/** Prints a line. */
export function say<Report>(line: ChildLine<Report>): void {
  console.log(JSON.stringify(line));
}
