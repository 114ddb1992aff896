import { history } from "../lakehouse/history.ts";
import type { Lakehouse } from "../lakehouse/lakehouse.ts";
import { goldProgress, plannedAt } from "./gold_progress.ts";

/**
 * The version of silver that a version of gold was made of: not always the newest before it,
 * because silver may have grown while the batch was scored.
 */
export async function silverVersionOf(lake: Lakehouse, goldVersion: number): Promise<number> {
  // Gold may have been made without a stream.
  const last = (await goldProgress(lake, goldVersion)).at(-1);
  const read = last ? plannedAt(last.sources) : goldVersion;
  const changes = (await history(lake, "silver"))
    .filter(({ version, operation }) => version <= read && operation !== "OPTIMIZE");
  // Where the change itself is forgotten, the version that was read still names the same rows.
  return changes[0]?.version ?? read;
}
