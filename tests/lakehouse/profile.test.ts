import assert from "node:assert/strict";
import { profileQuery } from "../../lib/lakehouse/profile.ts";
import { commitSql, withLake } from "./with_lake.ts";

Deno.test("a query's profile tells time, memory and what was spilled to disk", async () => {
  await withLake(async (lake) => {
    await commitSql(lake, "CREATE TABLE numbers AS SELECT range AS n FROM range(100_000)");
    const version = await lake.currentVersion();
    const small = await profileQuery(lake, "SELECT n % 1000, count(*) FROM numbers GROUP BY ALL");
    assert.ok(small.seconds > 0 && small.cpuSeconds > 0 && small.peakMemoryBytes > 0);
    assert.equal(small.spillBytes, 0);
    assert.equal(await lake.currentVersion(), version);

    await lake.sql("SET GLOBAL memory_limit = '60MB'");
    const large = await profileQuery(
      lake,
      "SELECT hash(range) AS h, range AS n, 'text ' || range AS text FROM range(1_500_000) ORDER BY h",
    );
    assert.ok(large.spillBytes > 1e6, `${large.spillBytes} bytes spilled`);
    assert.ok(large.peakMemoryBytes > small.peakMemoryBytes);
  });
});

Deno.test("a query that fails leaves the lake usable, and its error is DuckDB's", async () => {
  await withLake(async (lake) => {
    await assert.rejects(profileQuery(lake, "FROM nowhere"), /nowhere/);
    assert.ok((await profileQuery(lake, "SELECT 1")).seconds >= 0);
  });
});
