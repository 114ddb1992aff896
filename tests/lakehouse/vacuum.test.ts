import assert from "node:assert/strict";
import { readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { catalog } from "../../lib/lakehouse/catalog_tables.ts";
import { Connection } from "../../lib/lakehouse/connection.ts";
import { history } from "../../lib/lakehouse/history.ts";
import { Lakehouse } from "../../lib/lakehouse/lakehouse.ts";
import { optimize, type Storage } from "../../lib/lakehouse/optimize.ts";
import { vacuum } from "../../lib/lakehouse/vacuum.ts";
import { fillTable } from "./fill_table.ts";
import { commitSql, withFolder, withLake } from "./with_lake.ts";

const nothing = { snapshots: 0, oldFiles: 0, orphanedFiles: 0 };
const unchecked = { retentionDurationCheck: false };

/** All files below a folder. */
function storageOf(folder: string): Storage {
  const sizes = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => statSync(join(folder, name)))
    .filter((entry) => entry.isFile())
    .map(({ size }) => size);
  return { files: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

/** Makes a version as old as that. */
async function setBack(lake: Lakehouse, version: number, hours: number): Promise<void> {
  const time = new Date(Date.now() - hours * 3_600_000).toISOString().replace("T", " ");
  await lake.sql(
    `UPDATE ${catalog}.ducklake_snapshot SET snapshot_time = '${time.replace("Z", "+00")}'
     WHERE snapshot_id = ${version}`,
  );
}

Deno.test("vacuum forgets old versions with their files, and keeps the newest", async () => {
  await withLake(async (lake, folder) => {
    const data = join(folder, "lake", "data", "main", "t");
    await fillTable(lake);
    await optimize(lake);
    const kept = await vacuum(lake);
    assert.deepEqual(kept, { ...nothing, before: storageOf(data), after: storageOf(data) });
    await sleep(1500);
    await commitSql(lake, "DELETE FROM t WHERE n = 1001");
    const [{ after }] = await optimize(lake, "t");
    // What is a second old, and nothing younger.
    const older = await vacuum(lake, { retentionHours: 1 / 3600, ...unchecked });
    assert.ok(older.snapshots >= 5 && older.oldFiles >= 4, JSON.stringify(older));
    assert.ok((await lake.sql("SELECT count(*) AS n FROM lake.snapshots()"))[0].n > 1);
    const rest = await vacuum(lake, { retentionHours: 0, ...unchecked });
    assert.ok(rest.snapshots >= 1, JSON.stringify(rest));
    assert.equal(readdirSync(data).length, after.files);
    assert.equal(await lake.count("t"), 182);
    await assert.rejects(lake.sql("FROM t AT (VERSION => 2)"), /No snapshot found/);
  });
});

Deno.test("vacuum forgets as many versions as streams make in a day", async () => {
  await withLake(async (lake) => {
    await commitSql(lake, "CREATE TABLE t (n INTEGER)");
    const last = await lake.currentVersion();
    const made = 200_000;
    await lake.sql(
      `INSERT INTO ${catalog}.ducklake_snapshot
       SELECT * EXCLUDE (made) REPLACE (snapshot_id + made AS snapshot_id)
       FROM ${catalog}.ducklake_snapshot, range(1, ${made + 1}) AS numbers(made)
       WHERE snapshot_id = ${last}`,
    );
    const { snapshots } = await vacuum(lake, { retentionHours: 0, ...unchecked, dryRun: true });
    assert.equal(snapshots, last + made);
  });
});

Deno.test("vacuum takes files that no commit knows, but none that a writer may be about to commit", async () => {
  await withLake(async (lake, folder) => {
    await fillTable(lake);
    const data = join(folder, "lake", "data", "main", "t");
    for (const name of ["fresh", "lost"]) writeFileSync(join(data, `${name}.parquet`), "PAR1");
    const hoursAgo = new Date(Date.now() - 2 * 3_600_000);
    utimesSync(join(data, "lost.parquet"), hoursAgo, hoursAgo);
    const removed = await vacuum(lake, { retentionHours: 0, ...unchecked });
    assert.equal(removed.orphanedFiles, 1);
    const left = readdirSync(data);
    assert.ok(left.includes("fresh.parquet") && !left.includes("lost.parquet"));
  });
});

Deno.test("vacuum looks again where a writer takes back a file meanwhile, and not for ever", async () => {
  await withLake(async (lake) => {
    await fillTable(lake);
    const { rows } = Connection.prototype;
    const gone = 'IO Error: Cannot open file "a.parquet": No such file or directory';
    let fails = 4;
    Connection.prototype.rows = function (sql, parameters) {
      const looks = sql.includes("ducklake_delete_orphaned_files");
      return looks && fails-- > 0
        ? Promise.reject(new Error(gone))
        : rows.call(this, sql, parameters);
    };
    try {
      assert.equal((await vacuum(lake)).orphanedFiles, 0);
      assert.equal(fails, -1);
      fails = Infinity;
      await assert.rejects(vacuum(lake), /^BirdsongError: vacuum: .*a\.parquet/);
    } finally {
      Connection.prototype.rows = rows;
    }
  });
});

Deno.test("vacuum keeps whatever was the newest version within the retention, however old it is", async () => {
  await withLake(async (lake, folder) => {
    const data = join(folder, "lake", "data");
    await fillTable(lake);
    const versions = await history(lake, "t");
    const [last, previous, ...others] = versions.map(({ version }) => version);
    // As if all had happened long ago, and the last commit an hour ago.
    for (const version of [previous, ...others, 0]) await setBack(lake, version, 100 * 24);
    await setBack(lake, last, 1);
    await vacuum(lake);
    assert.deepEqual((await history(lake, "t")).map(({ version }) => version), [last, previous]);
    const yesterday = new Date(Date.now() - 24 * 3_600_000);
    assert.equal((await lake.table("t", { timestampAsOf: yesterday })).length, 242);
    // What optimize has replaced just now, someone may be reading.
    await optimize(lake, "t");
    const before = storageOf(data);
    const { oldFiles, after } = await vacuum(lake);
    assert.deepEqual([oldFiles, after], [0, before]);
  });
});

Deno.test("a file goes as soon as no version within the retention needs it", async () => {
  await withLake(async (lake, folder) => {
    const data = join(folder, "lake", "data");
    await lake.createTable("t", { n: "BIGINT" });
    await commitSql(lake, "INSERT INTO t FROM range(100)");
    await commitSql(lake, "DELETE FROM t");
    await commitSql(lake, "INSERT INTO t FROM range(50)");
    const current = await lake.currentVersion();
    for (let version = 0; version <= current; version++) await setBack(lake, version, 8 * 24);
    const before = storageOf(data);
    const planned = await vacuum(lake, { dryRun: true });
    assert.deepEqual(planned, {
      ...nothing,
      snapshots: current,
      oldFiles: 1,
      before,
      after: before,
    });
    assert.deepEqual(storageOf(data), before, "a dry run");
    const done = await vacuum(lake);
    assert.deepEqual(done, { ...planned, after: storageOf(data) });
    assert.equal(done.after.files, before.files - 1);
    assert.equal(await lake.count("t"), 50);
  });
});

Deno.test("vacuum works in a folder with an odd name", async () => {
  await withFolder(async (folder) => {
    const lake = await Lakehouse.open(join(folder, "it's [odd]* {a,b} 🐦"));
    try {
      await fillTable(lake);
      await optimize(lake);
      const { after } = await vacuum(lake, { retentionHours: 0, ...unchecked });
      assert.equal(after.files, 1);
      assert.deepEqual(after, storageOf(lake.dataPath));
    } finally {
      lake.close();
    }
  });
});

Deno.test("vacuum wants to know for how long versions are kept, and refuses less than Delta does", async () => {
  await withLake(async (lake) => {
    for (const retentionHours of [-1, NaN, Infinity]) {
      await assert.rejects(
        vacuum(lake, { retentionHours, ...unchecked }),
        /retentionHours must be a number of at least 0, but is/,
      );
    }
    await assert.rejects(
      vacuum(lake, { retentionHours: 167 }),
      /retentionHours is 167, but must be at least 168: .* add retentionDurationCheck: false\.$/,
    );
  });
});
