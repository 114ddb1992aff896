import { BirdsongError } from "../errors.ts";
import type { EngineSession } from "../streaming/engine.ts";
import type { tiers } from "./pipeline.ts";

const notebookOf: Record<typeof tiers[number], string> = {
  bronze: "03_raw_to_bronze",
  silver: "04_bronze_to_silver",
  gold: "05_silver_to_gold",
  application: "09_application",
};

/**
 * Checks that a table is there and has rows, before a notebook builds on it.
 *
 * @throws {BirdsongError} that names the notebook to run first.
 */
export async function requireTable(
  session: EngineSession,
  table: typeof tiers[number],
): Promise<void> {
  const exists = await session.tableExists(table);
  if (exists && await session.count(table) > 0) return;
  throw new BirdsongError(
    `the table "${table}" ${exists ? "is empty" : "does not exist yet"}: ` +
      `run the notebook ${notebookOf[table]} first (or \`deno task start\` for all of them).`,
    { context: { table, lake: session.location } },
  );
}
