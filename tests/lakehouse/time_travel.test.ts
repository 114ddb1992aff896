import assert from "node:assert/strict";
import { BirdsongError } from "../../lib/errors.ts";
import { catalog } from "../../lib/lakehouse/catalog_tables.ts";
import { history } from "../../lib/lakehouse/history.ts";
import type { Lakehouse } from "../../lib/lakehouse/lakehouse.ts";
import { vacuum } from "../../lib/lakehouse/vacuum.ts";
import { commitSql, withLake } from "./with_lake.ts";

/**
 * The table `t`: made in version 1 on 10 March at noon, with one row more in each of the versions
 * 2, 3 and 4, each an hour later. The lake is a day older.
 */
async function withVersions(test: (lake: Lakehouse) => Promise<void>): Promise<void> {
  await withLake(async (lake) => {
    await lake.createTable("t", { n: "BIGINT" });
    for (const n of [1, 2, 3]) await commitSql(lake, `INSERT INTO t VALUES (${n})`);
    const times = ["09 12", "10 12", "10 13", "10 14", "10 15"];
    for (const [version, time] of times.entries()) {
      await lake.sql(
        `UPDATE ${catalog}.ducklake_snapshot SET snapshot_time = '2026-03-${time}:00:00.123456+00'
         WHERE snapshot_id = ${version}`,
      );
    }
    await test(lake);
  });
}

const rejection = (message: string) => (error: Error) => {
  assert.ok(error instanceof BirdsongError);
  assert.equal(error.message, message);
  return true;
};

Deno.test("timestampAsOf reads the last version at or before a time", async () => {
  await withVersions(async (lake) => {
    const cases: [time: Date | string, rows: number][] = [
      ["2026-03-10 12:00:00.123456", 0],
      ["2026-03-10T12:59:59Z", 0],
      ["2026-03-10T13:00:00.123455Z", 0],
      ["2026-03-10T13:00:00.123456Z", 1],
      ["2026-03-10 14:59:59+00:00", 2],
      ["2026-03-10 16:59:59+02:00", 2],
      ["2026-03-10 17:00:01+02:00", 3],
      ["2026-03-11", 3],
      [new Date("2026-03-10T13:30:00Z"), 1],
      [new Date("2100-01-01"), 3],
    ];
    for (const [time, rows] of cases) {
      const found = await lake.table("t", { timestampAsOf: time });
      assert.equal(found.length, rows, String(time));
    }
    for (const { version, timestamp } of await history(lake, "t")) {
      assert.deepEqual(
        await lake.table("t", { timestampAsOf: timestamp }),
        await lake.table("t", { versionAsOf: version }),
      );
    }
  });
});

Deno.test("in SQL, a time is compared as a time, whatever text it comes from", async () => {
  await withVersions(async (lake) => {
    const cases: [time: string, rows: number][] = [
      ["'2026-03-10 13:30:00'", 1],
      ["'2026-03-10T13:30:00Z'", 1],
      ["'2026-03-10 15:30:00+02'", 1],
      ["TIMESTAMP '2026-03-10 14:30:00'", 2],
      ["TIMESTAMPTZ '2026-03-10 14:30:00+00' - INTERVAL 1 HOUR", 1],
      ["DATE '2026-03-11'", 3],
      ["now()", 3],
    ];
    for (const [time, rows] of cases) {
      const [{ n }] = await lake.sql(`SELECT count(*) AS n FROM t AT (TIMESTAMP => ${time})`);
      assert.equal(n, rows, time);
    }
  });
});

Deno.test("a time before the lake or before the table is refused with what there is", async () => {
  await withVersions(async (lake) => {
    await assert.rejects(
      lake.table("t", { timestampAsOf: "2026-03-09" }),
      rejection(
        `there is no version in ${lake.folder} as early as 2026-03-09T00:00:00.000Z: ` +
          "the lake was made at 2026-03-09T12:00:00.123Z",
      ),
    );
    await assert.rejects(
      lake.table("t", { timestampAsOf: "2026-03-10 11:00:00" }),
      rejection(
        `there was no table "t" in version 0 of ${lake.folder}; it was made in version 1`,
      ),
    );
    await assert.rejects(
      lake.table("it's", { timestampAsOf: new Date() }),
      rejection(`there was no table "it's" in version 4 of ${lake.folder}`),
    );
  });
});

Deno.test("versions that vacuum has removed, or that are still to come, are refused with those there are", async () => {
  await withVersions(async (lake) => {
    await assert.rejects(
      lake.table("t", { versionAsOf: 5 }),
      rejection(`version 5 cannot be read: ${lake.folder} has the versions 0 to 4`),
    );
    await vacuum(lake, { retentionHours: 0, retentionDurationCheck: false });
    await assert.rejects(
      lake.table("t", { versionAsOf: 3 }),
      rejection(
        `version 3 cannot be read: ${lake.folder} has the versions 4 to 4; ` +
          "vacuum has removed the earlier ones",
      ),
    );
    await assert.rejects(
      lake.table("t", { timestampAsOf: "2026-03-10 13:30:00" }),
      rejection(
        `there is no version in ${lake.folder} as early as 2026-03-10T13:30:00.000Z: ` +
          "the oldest version that vacuum has left is 4, of 2026-03-10T15:00:00.123Z",
      ),
    );
    assert.equal((await lake.table("t", { timestampAsOf: "2026-03-10 16:00:00" })).length, 3);
  });
});

Deno.test("a table that was dropped can be read as of the time when it was there", async () => {
  await withVersions(async (lake) => {
    await commitSql(lake, "DROP TABLE t");
    assert.equal((await lake.table("t", { versionAsOf: 4 })).length, 3);
    await assert.rejects(
      lake.table("t", { versionAsOf: 5 }),
      /there was no table "t" in version 5/,
    );
  });
});

Deno.test("what is no version and no time is refused", async () => {
  await withVersions(async (lake) => {
    for (const versionAsOf of [-1, 1.5, NaN, "1; DROP TABLE t" as unknown as number]) {
      await assert.rejects(
        lake.table("t", { versionAsOf }),
        /versionAsOf must be a whole number of at least 0/,
      );
    }
    for (const timestampAsOf of ["", "yesterday", "2026-13-01", new Date(NaN), "' OR 1=1"]) {
      await assert.rejects(
        lake.table("t", { timestampAsOf }),
        /timestampAsOf must be a Date or a text such as "2026-03-01 12:30:00", but is "/,
      );
    }
    await assert.rejects(
      lake.table("t", { versionAsOf: 1, timestampAsOf: "2026-03-10" }),
      /versionAsOf or timestampAsOf, not both/,
    );
  });
});
