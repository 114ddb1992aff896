import type { Lakehouse } from "../lakehouse/lakehouse.ts";
import { readProgress } from "./checkpoint.ts";
import type { TableOrigin } from "./engine.ts";

/**
 * The batches of a stream up to a version of the lake, and the version in which the last of them was
 * planned. Versions are the lake's: where there was no stream, the version itself says what was there.
 */
export async function originOf(
  lake: Lakehouse,
  query: string,
  version: number,
): Promise<TableOrigin> {
  const planned = (await readProgress(lake, query)).map((record) => ({
    record,
    plannedAt: (record.sources[0].latestOffset as { version: number }).version,
  }));
  // Later batches were planned when this version was there already.
  const made = planned.filter(({ plannedAt }) => plannedAt < version);
  return {
    progress: made.map(({ record }) => record),
    sourceVersion: made.at(-1)?.plannedAt ?? version,
  };
}
