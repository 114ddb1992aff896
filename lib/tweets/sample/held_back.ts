import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

// A name with `_` is passed over by file sources: what lies in it is not there yet.
const heldBack = "_held_back";
// Only a sample of our own has it, so that a person's own folder is never written to.
const marker = "_made_by_birdsong";

/**
 * Takes every fifth file of a generated sample out of sight, to arrive later while streams run.
 *
 * @param folder A folder of generated files.
 */
export function holdBackFifth(folder: string): void {
  const files = readdirSync(folder).filter((file) => file.endsWith(".json")).sort();
  const aside = join(folder, heldBack);
  mkdirSync(aside);
  writeFileSync(join(aside, marker), "");
  for (const [index, file] of files.entries()) {
    if (index % 5 === 4) renameSync(join(folder, file), join(aside, file));
  }
}

/** How many files of a generated sample wait to be released; 0 in any other folder. */
export function heldBackFiles(source: string): number {
  return waiting(source).length;
}

/**
 * Lets the held-back files of a generated sample arrive, a few at a time. In any other folder it
 * does nothing.
 *
 * @param portions In how many steps they arrive.
 * @param interval Milliseconds between two steps.
 * @returns How many files arrived.
 */
export async function releaseHeldBack(
  source: string,
  portions = 5,
  interval = 2000,
): Promise<number> {
  const files = waiting(source);
  const size = Math.ceil(files.length / portions);
  let released = 0;
  for (let start = 0; start < files.length; start += size) {
    if (start > 0) await sleep(interval);
    for (const file of files.slice(start, start + size)) {
      try {
        renameSync(join(source, heldBack, file), join(source, file));
        released++;
      } catch (error) {
        // Another process lets them arrive, too, and has been faster.
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      }
    }
  }
  if (files.length > 0) rmSync(join(source, heldBack), { recursive: true, force: true });
  return released;
}

function waiting(source: string): string[] {
  const aside = join(source, heldBack);
  if (!existsSync(join(aside, marker))) return [];
  return readdirSync(aside).filter((file) => file.endsWith(".json")).sort();
}
