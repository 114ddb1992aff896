import { projectPath } from "../../lib/paths.ts";
import { kernelspecs } from "./kernelspecs.ts";
import { library } from "./library.ts";
import { withLock } from "./lock.ts";
import { npmPackages } from "./npm_packages.ts";
import { pythonPackages } from "./python_packages.ts";
import type { Step } from "./step.ts";
import { checkDeno } from "./versions.ts";

// In the order in which they need each other.
const steps: Step[] = [npmPackages, pythonPackages, kernelspecs, library];

/**
 * Brings the project's folder up to date with package-lock.json, requirements.txt and lib/. Prints a
 * line per step to standard error, and nothing where nothing is to be done.
 *
 * @throws {BirdsongError} that says what is missing on this machine, or what failed.
 */
export async function setUp(): Promise<void> {
  checkDeno();
  if (steps.every((step) => step.isDone())) return;
  await withLock(projectPath("output/setup.lock"), async () => {
    for (const step of steps) {
      if (step.isDone()) continue; // asked again here: another setup may have done it meanwhile
      const started = performance.now();
      console.error(`${step.label} ...`);
      await step.run();
      console.error(`${step.label}: done in ${Math.ceil((performance.now() - started) / 1000)} s`);
    }
  });
}
