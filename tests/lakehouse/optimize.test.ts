import assert from "node:assert/strict";
import { optimize, type OptimizeOptions } from "../../lib/lakehouse/optimize.ts";
import { vacuum } from "../../lib/lakehouse/vacuum.ts";
import type { Session } from "../../lib/streaming/session.ts";
import { withSession, writeLines } from "../streaming/with_session.ts";
import { fillTable, numbered } from "./fill_table.ts";
import { assertCountsKept } from "./merged_counts.ts";
import { commitSql, withLake } from "./with_lake.ts";

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

Deno.test("optimize tells tables of one name in two schemas apart, and a dot in a name from a schema", async () => {
  await withLake(async (lake) => {
    await commitSql(lake, "CREATE SCHEMA s");
    for (const table of ["s.t", '"s.u"', "s.u"]) {
      await commitSql(lake, `CREATE TABLE ${table} (n BIGINT)`);
      for (let n = 0; n < 3; n++) await commitSql(lake, `INSERT INTO ${table} FROM range(60)`);
    }
    const results = await optimize(lake);
    assert.deepEqual(
      results.map(({ table, before, after }) => [table, before.files, after.files]),
      [["s.t", 3, 1], ["s.u", 3, 1], ["s.u", 3, 1]],
    );
  });
});

Deno.test("optimize leaves large files alone, and those of whose rows few are deleted", async () => {
  await withLake(async (lake) => {
    const filesAfter = async (options?: OptimizeOptions) =>
      (await optimize(lake, "t", options))[0].after.files;
    await commitSql(lake, "CREATE TABLE t (n BIGINT)");
    for (let n = 0; n < 3; n++) await commitSql(lake, "INSERT INTO t FROM range(100)");
    assert.equal(await filesAfter({ maxFileSize: 100 }), 3);
    assert.equal(await filesAfter({ maxFileSize: 1_000_000 }), 1);
    await commitSql(lake, "DELETE FROM t WHERE n < 4");
    assert.equal(await filesAfter(), 2, "the file, and a list of 12 of its 300 rows");
    await commitSql(lake, "DELETE FROM t WHERE n < 6");
    assert.equal(await filesAfter(), 1);
    assert.equal(await lake.count("t"), 282);
  });
});

Deno.test("a table that is merged into and optimized in turns keeps its rows, in every version", async () => {
  await withLake((lake) => assertCountsKept(lake, 24));
});

/** Copies what is in the table `a` to the table `b`, at most 27 rows a batch. */
async function copy(session: Session, upTo: number): Promise<void> {
  let rows = 0;
  const query = await session.readStream.options({ maxRowsPerTrigger: 27 }).table("a").transform({
    schema: { n: "DOUBLE" },
    apply: ({ relation, signal, numInputRows }) => {
      rows += numInputRows;
      if (rows > upTo) throw new Error("far enough");
      signal.throwIfAborted();
      return `SELECT n FROM ${relation}`;
    },
  }).writeStream.queryName("b_stream").trigger({ availableNow: true }).toTable("b");
  await query.awaitTermination().catch((error) => assert.match(error.message, /far enough/));
}

Deno.test("a stream that is behind, or runs, while its source is optimized and vacuumed takes every row once", async () => {
  await withSession(async (session, source) => {
    const rows = 480;
    for (let n = 0; n < rows; n += 60) {
      writeLines(source, `${n}.json`, ...Array.from({ length: 60 }, (_, i) => ({ n: n + i })));
    }
    const a = await session.readStream.schema({ n: "DOUBLE" }).options({ maxFilesPerTrigger: 1 })
      .json(source).transform({
        schema: { n: "DOUBLE" },
        apply: ({ relation }) => `SELECT n FROM ${relation}`,
      }).writeStream.queryName("a_stream").trigger({ availableNow: true }).toTable("a");
    await a.awaitTermination();
    await copy(session, 120);
    assert.equal(await session.lake.count("b"), 108, "a stream that is behind");
    const maintain = async (retentionHours: number) => {
      const [{ before, after }] = await optimize(session.lake, "a");
      await vacuum(session.lake, { retentionHours, retentionDurationCheck: false });
      return { before, after };
    };
    const { before, after } = await maintain(0);
    assert.deepEqual([before.files, after.files], [8, 1]);
    await copy(session, 180);
    let copied = false;
    const running = copy(session, rows).finally(() => copied = true);
    // What the stream is reading stays for some seconds.
    while (!copied) await maintain(0.002);
    await running;
    assert.deepEqual(
      await session.sql("SELECT n FROM b ORDER BY n"),
      Array.from({ length: rows }, (_, n) => ({ n })),
    );
  });
});
