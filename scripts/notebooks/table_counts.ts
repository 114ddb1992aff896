import { Lakehouse } from "../../lib/lakehouse/lakehouse.ts";
import { isLakeThere } from "../../lib/lakehouse/location.ts";
import { tiers } from "../../lib/tweets/pipeline.ts";
import { formatTable } from "../command/table.ts";

/** Rows of the pipeline's tables, in order; 0 where there is no such table yet. */
export async function tableCounts(lake: string): Promise<Map<string, number>> {
  const counts = new Map<string, number>(tiers.map((name) => [name, 0]));
  if (!isLakeThere(lake)) return counts;
  const lakehouse = await Lakehouse.open(lake, { readOnly: true });
  try {
    for (const name of tiers) {
      if (await lakehouse.tableExists(name)) counts.set(name, await lakehouse.count(name));
    }
  } finally {
    lakehouse.close();
  }
  return counts;
}

/** What a run added: table, rows, and the change since `before`. */
export function growthTable(before: Map<string, number>, after: Map<string, number>): string {
  const rows = [...after].map(([table, count]) => {
    const change = count - (before.get(table) ?? 0);
    return [table, String(count), `${change < 0 ? "" : "+"}${change}`];
  });
  return formatTable(["table", "rows", "new"], rows);
}
