import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { messageOf } from "../lib/errors.ts";
import { type Command, main, UsageError } from "./command/command.ts";
import { formatTable } from "./command/table.ts";
import { installTestPrograms } from "./test/debian_packages.ts";
import { type Suite, type SuiteResult, suites } from "./test/suites.ts";
import { closingLine, sumTallies } from "./test/tally.ts";

const names = suites.map(({ name }) => name);

const command: Command = {
  name: "test",
  summary: "Runs the test suites one after the other; the last line sums them up.\n" +
    `Suites: ${names.join(", ")}.`,
  options: { only: { value: "SUITES", help: "only these, such as unit,notebooks" } },
  async run({ options }) {
    const chosen = options.only?.split(",") ?? names;
    const unknown = chosen.find((name) => !names.includes(name));
    if (unknown !== undefined) {
      throw new UsageError(`--only: there is no suite "${unknown}"; there are ${names.join(", ")}`);
    }
    await installTestPrograms();
    return await runSuites(suites.filter(({ name }) => chosen.includes(name)));
  },
};

/** Runs suites and prints what came out of them; returns the exit code. */
export async function runSuites(suites: Suite[]): Promise<number> {
  // A person's own settings must not decide what the tests see.
  for (const name of Object.keys(process.env)) {
    if (name.startsWith("BIRDSONG_")) delete process.env[name];
  }
  const folder = mkdtempSync(join(tmpdir(), "birdsong-test-"));
  let stopped = false;
  const stop = () => {
    stopped = true;
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  const results: (SuiteResult & { suite: string; seconds: number })[] = [];
  try {
    for (const suite of suites) {
      console.log(`\n== ${suite.name} ==\n`);
      const started = performance.now();
      const result = stopped ? failure("not run") : await runSuite(suite, folder);
      const seconds = (performance.now() - started) / 1000;
      results.push({ suite: suite.name, seconds, ...result });
    }
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
    rmSync(folder, { recursive: true, force: true });
  }

  console.log();
  for (const { suite, notes } of results) {
    for (const note of notes) console.log(`${suite}: ${note}`);
  }
  console.log(formatTable(
    ["suite", "passed", "failed", "skipped", "seconds"],
    results.map(({ suite, passed, failed, skipped, seconds }) => [
      ...[suite, String(passed), String(failed), String(skipped)],
      seconds.toFixed(1),
    ]),
  ));
  const sum = sumTallies(results);
  console.log(`\n${closingLine(sum)}`);
  return stopped ? 130 : sum.failed > 0 ? 1 : 0;
}

async function runSuite(suite: Suite, folder: string): Promise<SuiteResult> {
  const work = join(folder, suite.name);
  mkdirSync(work);
  try {
    return await suite.run(work);
  } catch (error) {
    return failure(messageOf(error));
  }
}

function failure(note: string): SuiteResult {
  return { passed: 0, failed: 1, skipped: 0, notes: [note] };
}

if (import.meta.main) await main(command);
