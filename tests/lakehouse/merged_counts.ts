import assert from "node:assert/strict";
import type { Lakehouse } from "../../lib/lakehouse/lakehouse.ts";
import { optimize } from "../../lib/lakehouse/optimize.ts";
import { commitSql } from "./with_lake.ts";

// Of one MERGE: so few that the catalog keeps them, and so many that they go to a file.
const sizes = [3, 12, 80, 1, 25, 7, 60];

/**
 * Adds to the counts of a table by MERGE, again and again, and optimizes it in between; asserts that
 * it holds what was added, and that every version stays what it was.
 */
export async function assertCountsKept(lake: Lakehouse, merges: number): Promise<void> {
  await lake.createTable("counts", { name: "VARCHAR", n: "BIGINT" });
  const expected = new Map<string, number>();
  const versions = new Map<number, string>();
  for (let merge = 1; merge <= merges; merge++) {
    const names = Array.from(
      { length: sizes[merge % sizes.length] },
      (_, i) => `name ${(merge * 31 + i * 7) % 97}`,
    );
    const rows = new Map(names.map((name, i) => [name, i + 1]));
    for (const [name, n] of rows) expected.set(name, (expected.get(name) ?? 0) + n);
    const values = [...rows].map(([name, n]) => `('${name}', ${n})`).join(", ");
    await commitSql(
      lake,
      `MERGE INTO counts USING (FROM (VALUES ${values}) AS added (name, n)) AS added
         ON counts.name = added.name
       WHEN MATCHED THEN UPDATE SET n = counts.n + added.n
       WHEN NOT MATCHED THEN INSERT *`,
    );
    const now = await countsAt(lake);
    assert.equal(now, JSON.stringify([...expected].sort()));
    versions.set(await lake.currentVersion(), now);
    if (merge % 6 !== 0) continue;
    await optimize(lake, "counts");
    for (const [version, counts] of versions) {
      assert.equal(await countsAt(lake, ` AT (VERSION => ${version})`), counts, `of ${version}`);
    }
  }
}

async function countsAt(lake: Lakehouse, at = ""): Promise<string> {
  const rows = await lake.sql<{ name: string; n: number }>(`FROM counts${at}`);
  const [{ count }] = await lake.sql<{ count: number }>(
    `SELECT count(*) AS count FROM counts${at}`,
  );
  assert.equal(count, rows.length, "the catalog's count, and the rows");
  return JSON.stringify(rows.map(({ name, n }) => [name, n]).sort());
}
