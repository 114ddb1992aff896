import assert from "node:assert/strict";
import { readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Lakehouse } from "../../lib/lakehouse/lakehouse.ts";
import { optimize, vacuum } from "../../lib/lakehouse/maintenance.ts";
import { commitSql, withLake } from "./with_lake.ts";

/** A table `t` of four small files, two rows of it still in the catalog, and a deleted row. */
async function fillTable(lake: Lakehouse): Promise<void> {
  await lake.createTable("t", { n: "BIGINT" });
  for (let commit = 0; commit < 4; commit++) {
    await commitSql(lake, `INSERT INTO t SELECT range + ${100 * commit} FROM range(20)`);
  }
  await commitSql(lake, "INSERT INTO t VALUES (1000), (1001)");
  await commitSql(lake, "DELETE FROM t WHERE n < 100 AND n <> 7");
}

const numbered = (lake: Lakehouse) => lake.sql("SELECT rowid, n FROM t ORDER BY rowid");

Deno.test("optimize makes one file of many, and rows keep their numbers", async () => {
  await withLake(async (lake) => {
    await fillTable(lake);
    const rows = await numbered(lake);
    const [result] = await optimize(lake, "t");
    assert.equal(result.table, "t");
    assert.ok(result.before.files >= 4 && result.before.bytes > 0);
    assert.equal(result.after.files, 1);
    assert.ok(result.after.bytes > 0 && result.after.bytes < result.before.bytes);
    assert.deepEqual(await numbered(lake), rows);
  });
});

Deno.test("optimize takes all tables where none is named, and leaves earlier versions readable", async () => {
  await withLake(async (lake) => {
    await fillTable(lake);
    await lake.createTable("it's", { n: "BIGINT" });
    const version = await lake.currentVersion();
    const rows = await numbered(lake);
    await commitSql(lake, "DELETE FROM t");
    const results = await optimize(lake);
    assert.deepEqual(results.map(({ table }) => table), ["it's", "t"]);
    assert.equal(await lake.count("t"), 0);
    const then = await lake.sql(
      `SELECT rowid, n FROM t AT (VERSION => ${version}) ORDER BY rowid`,
    );
    assert.deepEqual(then, rows);
  });
});

Deno.test("optimize names the tables there are when it is given another", async () => {
  await withLake(async (lake) => {
    await fillTable(lake);
    await assert.rejects(optimize(lake, "tt"), /no table "tt" to optimize in .*there are: t$/);
  });
});

Deno.test("vacuum forgets old versions with their files, and keeps the newest", async () => {
  await withLake(async (lake, folder) => {
    const data = join(folder, "lake", "data", "main", "t");
    await fillTable(lake);
    await optimize(lake);
    const kept = await vacuum(lake, { retainMs: 3_600_000 });
    assert.deepEqual(kept, { snapshots: 0, oldFiles: 0, orphanedFiles: 0 });
    await sleep(1500);
    await commitSql(lake, "DELETE FROM t WHERE n = 1001");
    const [{ after }] = await optimize(lake, "t");
    // What is a second old, and nothing younger.
    const older = await vacuum(lake, { retainMs: 1000 });
    assert.ok(older.snapshots >= 5 && older.oldFiles >= 4, JSON.stringify(older));
    assert.ok((await lake.sql("SELECT count(*) AS n FROM lake.snapshots()"))[0].n > 1);
    const rest = await vacuum(lake, { retainMs: 0 });
    assert.ok(rest.snapshots >= 1 && rest.oldFiles >= 1, JSON.stringify(rest));
    assert.equal(readdirSync(data).length, after.files);
    assert.equal(await lake.count("t"), 62);
    await assert.rejects(lake.sql("FROM t AT (VERSION => 2)"), /No snapshot found/);
  });
});

Deno.test("vacuum takes files that no commit knows, but none that a writer may be about to commit", async () => {
  await withLake(async (lake, folder) => {
    await fillTable(lake);
    const data = join(folder, "lake", "data", "main", "t");
    for (const name of ["fresh", "lost"]) writeFileSync(join(data, `${name}.parquet`), "PAR1");
    const hoursAgo = new Date(Date.now() - 2 * 3_600_000);
    utimesSync(join(data, "lost.parquet"), hoursAgo, hoursAgo);
    const removed = await vacuum(lake, { retainMs: 0 });
    assert.equal(removed.orphanedFiles, 1);
    const left = readdirSync(data);
    assert.ok(left.includes("fresh.parquet") && !left.includes("lost.parquet"));
  });
});

Deno.test("vacuum wants to know for how long versions are kept", async () => {
  await withLake(async (lake) => {
    for (const retainMs of [-1, NaN, Infinity]) {
      await assert.rejects(vacuum(lake, { retainMs }), /retainMs must be a number of at least 0/);
    }
  });
});
