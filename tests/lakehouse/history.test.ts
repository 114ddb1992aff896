import assert from "node:assert/strict";
import { tableVersion } from "../../lib/lakehouse/history.ts";
import { commitSql, withLake } from "./with_lake.ts";

Deno.test("a table's version is that of its last change, whatever happens to other tables", async () => {
  await withLake(async (lake) => {
    const version = () => tableVersion(lake, "numbers");
    await lake.createTable("numbers", { n: "BIGINT" });
    const changes = [
      "INSERT INTO numbers VALUES (1)",
      "INSERT INTO numbers FROM range(100)",
      "UPDATE numbers SET n = 7 WHERE n = 50",
      "DELETE FROM numbers WHERE n = 51",
      "ALTER TABLE numbers ADD COLUMN text VARCHAR",
    ];
    const made = await version();
    assert.equal(made, await lake.currentVersion());
    await lake.createTable("others", { n: "BIGINT" });
    for (const change of changes) {
      await commitSql(lake, change);
      const changed = await lake.currentVersion();
      assert.equal(await version(), changed, change);
      await commitSql(lake, "INSERT INTO others VALUES (1)");
      await commitSql(lake, "INSERT INTO others FROM range(100)");
      assert.equal(await version(), changed, change);
      assert.deepEqual(
        await lake.sql(`SELECT count(*) AS n FROM numbers AT (VERSION => ${changed})`),
        await lake.sql("SELECT count(*) AS n FROM numbers"),
      );
    }
  });
});

Deno.test("a table's version does not change when its rows are moved", async () => {
  await withLake(async (lake) => {
    await lake.createTable("numbers", { n: "BIGINT" });
    for (const rows of [3, 100, 100]) {
      await commitSql(lake, `INSERT INTO numbers FROM range(${rows})`);
    }
    const before = await tableVersion(lake, "numbers");
    await lake.sql("CALL ducklake_flush_inlined_data('lake')");
    await lake.sql("CALL ducklake_merge_adjacent_files('lake')");
    assert.equal(await tableVersion(lake, "numbers"), before);
    assert.equal((await lake.table("numbers", { versionAsOf: before })).length, 203);
  });
});
