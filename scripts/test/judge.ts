import { parseJunit } from "./junit.ts";
import type { Tally } from "./tally.ts";

/** What is known about a suite after it ended. */
export interface SuiteEnd {
  exitCode: number;
  /** Its JUnit report; undefined where it left none. */
  junit: string | undefined;
  /** Files (test modules, notebooks) that must appear in the report. */
  files: string[];
}

/**
 * Counts a suite's tests. What did not run counts as failed: a file that the report does not name
 * (it did not load, or the suite crashed before it), and a suite that reports nothing.
 *
 * @returns the tally, and a sentence for every failure that no test reported.
 */
export function judgeSuite({ exitCode, junit, files }: SuiteEnd): Tally & { notes: string[] } {
  const cases = parseJunit(junit ?? "");
  const count = (outcome: string) => cases.filter((test) => test.outcome === outcome).length;
  const notes = files
    .filter((file) => !cases.some(({ suite, name }) => suite.endsWith(file) || name === file))
    .map((file) => `${file} reported no test`);
  if (junit === undefined) notes.push(`no report was written (exit code ${exitCode})`);
  else if (cases.length === 0 && notes.length === 0) notes.push("the report holds no test");
  const failed = count("failed") + notes.length;
  if (exitCode !== 0 && failed === 0) {
    notes.push(`exit code ${exitCode}, although no test failed`);
    return { passed: count("passed"), failed: 1, skipped: count("skipped"), notes };
  }
  return { passed: count("passed"), failed, skipped: count("skipped"), notes };
}
