import { readdirSync } from "node:fs";
import { join } from "node:path";
import { BirdsongError } from "../../lib/errors.ts";
import { UsageError } from "../command/command.ts";

/**
 * The numbered notebooks (`NN_*.ipynb`) of a folder, in order.
 *
 * @param only Numbers to choose, such as `["03", "4"]`; absent for all.
 * @throws {BirdsongError} if the folder holds none.
 * @throws {UsageError} if a number is asked for that is not there.
 */
export function notebookFiles(folder: string, only?: string[]): string[] {
  const names = readdirSync(folder).filter((name) => /^\d\d_.*\.ipynb$/.test(name)).sort();
  if (names.length === 0) {
    throw new BirdsongError(`${folder} holds no notebook named like 03_raw_to_bronze.ipynb`);
  }
  const chosen = only?.map((number) => number.trim().padStart(2, "0"));
  const missing = chosen?.find((number) => !names.some((name) => name.startsWith(`${number}_`)));
  if (missing !== undefined) {
    const numbers = names.map((name) => name.slice(0, 2)).join(", ");
    throw new UsageError(`there is no notebook ${missing} in ${folder}; there are ${numbers}`);
  }
  return names
    .filter((name) => chosen === undefined || chosen.includes(name.slice(0, 2)))
    .map((name) => join(folder, name));
}
