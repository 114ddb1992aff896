import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { BirdsongError } from "../../../lib/errors.ts";
import type { Lakehouse } from "../../../lib/lakehouse/lakehouse.ts";
import { optimize } from "../../../lib/lakehouse/optimize.ts";
import { vacuum } from "../../../lib/lakehouse/vacuum.ts";
import { Session } from "../../../lib/streaming/session.ts";
import type { StreamingQuery } from "../../../lib/streaming/streaming_query.ts";
import type { Transform } from "../../../lib/streaming/transform.ts";
import { waitAtMost } from "../../../lib/streaming/wait_at_most.ts";
import { commitSql } from "../../lakehouse/with_lake.ts";
import { batchesOf, withSession } from "../with_session.ts";

const copy: Transform = {
  schema: { n: "BIGINT" },
  apply: ({ relation }) => `SELECT n FROM ${relation}`,
};

/** Streams what is new in the table "numbers" into the table "copies". */
async function takeNumbers(session: Session, maxRowsPerTrigger?: number): Promise<StreamingQuery> {
  const query = await session.readStream.options({ maxRowsPerTrigger }).table("numbers")
    .transform(copy).writeStream.queryName("copy_stream").trigger({ availableNow: true }).toTable(
      "copies",
    );
  await query.awaitTermination();
  return query;
}

async function addNumbers(session: Session, from: number, to: number): Promise<void> {
  await commitSql(session.lake, `INSERT INTO numbers SELECT * FROM range(${from}, ${to})`);
}

/** Asserts that the copy holds every number below `end` once. */
async function assertCopied(session: Session, end: number): Promise<void> {
  assert.deepEqual(
    await session.sql(
      "SELECT count(*) AS rows, count(DISTINCT n) AS n, max(n) AS last FROM copies",
    ),
    [{ rows: end, n: end, last: end === 0 ? null : end - 1 }],
  );
}

async function withNumbers(test: (session: Session) => Promise<void>): Promise<void> {
  await withSession(async (session) => {
    await session.lake.createTable("numbers", { n: "BIGINT" });
    await test(session);
  });
}

Deno.test("rows of a table come in once, those there and those to come", async () => {
  await withNumbers(async (session) => {
    assert.deepEqual(batchesOf(await takeNumbers(session)), [], "an empty table gives no batch");
    await addNumbers(session, 0, 3);
    await addNumbers(session, 3, 103);
    assert.deepEqual(batchesOf(await takeNumbers(session)), [{ batchId: 0, in: 103, out: 103 }]);
    assert.deepEqual(batchesOf(await takeNumbers(session)), []);
    await addNumbers(session, 103, 104);
    await commitSql(session.lake, "CREATE TABLE unrelated AS SELECT 1 AS n");
    assert.deepEqual(batchesOf(await takeNumbers(session)), [{ batchId: 1, in: 1, out: 1 }]);
    await assertCopied(session, 104);
  });
});

Deno.test("rows of two processes that write one table are taken once each, in whatever order they commit", async () => {
  await withNumbers(async (session) => {
    const other = await Session.open(session.location);
    const query = await session.readStream.options({ maxRowsPerTrigger: 40 }).table("numbers")
      .transform(copy).writeStream.queryName("copy_stream").toTable("copies");
    // Some are kept in the catalog, some come in files.
    const sizes = [1, 60, 3, 50, 51, 2];
    const ends: number[] = [];
    for (const size of [...sizes, ...sizes]) ends.push((ends.at(-1) ?? 0) + size);
    const write = async (lake: Lakehouse, first: number) => {
      for (let n = first; n < ends.length; n += 2) {
        const from = ends[n - 1] ?? 0;
        await commitSql(lake, `INSERT INTO numbers SELECT * FROM range(${from}, ${ends[n]})`);
      }
    };
    await Promise.all([write(session.lake, 0), write(other.lake, 1)]);
    await query.processAllAvailable();
    await query.stop();
    await assertCopied(session, ends.at(-1)!);
    await other.close();
  });
});

Deno.test("a limit splits one commit over batches, and joins small ones", async () => {
  await withNumbers(async (session) => {
    await addNumbers(session, 0, 250);
    for (let n = 250; n < 260; n += 2) await addNumbers(session, n, n + 2);
    const query = await takeNumbers(session, 100);
    assert.deepEqual(batchesOf(query).map((batch) => batch.in), [100, 100, 60]);
    assert.deepEqual(
      query.recentProgress.map(({ sources }) => sources[0].numInputRows),
      [100, 100, 60],
    );
    assert.deepEqual(
      query.recentProgress.map(({ sources }) => sources[0].metrics.numRowsOutstanding),
      [160, 60, 0],
      "what waits for the batches to come",
    );
    assert.equal(query.lastProgress!.sources[0].description, "DuckLakeSource[numbers]");
    await assertCopied(session, 260);
  });
});

Deno.test("a limit that the rows just fill leaves no empty batch behind", async () => {
  await withNumbers(async (session) => {
    await addNumbers(session, 0, 100);
    assert.deepEqual(batchesOf(await takeNumbers(session, 50)).map((batch) => batch.in), [50, 50]);
    assert.deepEqual(batchesOf(await takeNumbers(session, 50)), []);
    await addNumbers(session, 100, 120);
    assert.deepEqual(batchesOf(await takeNumbers(session, 50)).map((batch) => batch.in), [20]);
    await assertCopied(session, 120);
  });
});

Deno.test("a stream that stopped in the middle of a commit goes on there", async () => {
  await withNumbers(async (session) => {
    await addNumbers(session, 0, 250);
    const one = async () => {
      const query = await session.readStream.options({ maxRowsPerTrigger: 100 }).table("numbers")
        .transform(copy).writeStream.queryName("copy_stream").trigger({ availableNow: true })
        .toTable("copies");
      const endListening = session.streams.addListener({
        onQueryProgress: () => void query.stop(),
      });
      await query.awaitTermination();
      endListening();
      return batchesOf(query).map((batch) => batch.in);
    };
    assert.deepEqual(await one(), [100]);
    await addNumbers(session, 250, 255);
    assert.deepEqual(await one(), [100]);
    assert.deepEqual(await one(), [55]);
    assert.deepEqual(await one(), []);
    await assertCopied(session, 255);
  });
});

Deno.test("rows that are moved, merged and expired are neither lost nor repeated", async () => {
  await withNumbers(async (session) => {
    let end = 0;
    const add = async (rows: number) => {
      await addNumbers(session, end, end + rows);
      end += rows;
    };
    for (let round = 0; round < 3; round++) {
      // Small commits are kept in the catalog, large ones in files.
      for (const rows of [3, 60, 1, 50]) await add(rows);
      const query = await session.readStream.options({ maxRowsPerTrigger: 50 }).table("numbers")
        .transform(copy).writeStream.queryName("copy_stream").trigger({ availableNow: true })
        .toTable("copies");
      await query.awaitTermination();
      await optimize(session.lake);
      await vacuum(session.lake, { retentionHours: 0, retentionDurationCheck: false });
    }
    await add(2);
    await takeNumbers(session, 50);
    await assertCopied(session, end);
  });
});

Deno.test("rows that are deleted before they are taken, and their files written anew, repeat and hide no others", async () => {
  await withNumbers(async (session) => {
    await addNumbers(session, 0, 10);
    await takeNumbers(session);
    await addNumbers(session, 10, 110);
    await addNumbers(session, 110, 210);
    await commitSql(session.lake, "DELETE FROM numbers WHERE n BETWEEN 10 AND 29");
    await optimize(session.lake);
    assert.deepEqual(
      batchesOf(await takeNumbers(session, 60)).map((batch) => batch.in),
      [60, 60, 60, 20],
    );
    await assertCopied(session, 210);
  });
});

Deno.test("a stream's first batches take what the table has then: no row that was deleted, and changed ones as they are", async () => {
  await withNumbers(async (session) => {
    // Kept in the catalog, and in a file.
    await addNumbers(session, 0, 10);
    await addNumbers(session, 10, 110);
    await commitSql(session.lake, "DELETE FROM numbers WHERE n IN (3, 50)");
    await commitSql(session.lake, "UPDATE numbers SET n = n + 1000 WHERE n IN (4, 60)");
    const query = await takeNumbers(session, 40);
    assert.equal(batchesOf(query).reduce((sum, batch) => sum + batch.in, 0), 108);
    const all = "SELECT n FROM numbers ORDER BY n";
    assert.deepEqual(await session.sql("SELECT n FROM copies ORDER BY n"), await session.sql(all));
  });
});

Deno.test("behind them, a stream takes each row that is appended once, and no change of an old one", async () => {
  await withNumbers(async (session) => {
    await addNumbers(session, 0, 100);
    await takeNumbers(session);
    await commitSql(session.lake, "UPDATE numbers SET n = n + 1000 WHERE n < 20");
    await commitSql(session.lake, "DELETE FROM numbers WHERE n BETWEEN 50 AND 60");
    await addNumbers(session, 100, 103);
    // Changed and deleted before they are taken.
    await commitSql(session.lake, "UPDATE numbers SET n = n + 1000 WHERE n = 101");
    await commitSql(session.lake, "DELETE FROM numbers WHERE n = 102");
    assert.deepEqual(batchesOf(await takeNumbers(session)).map((batch) => batch.in), [3]);
    assert.deepEqual(
      await session.sql("SELECT n % 1000 AS n FROM copies ORDER BY n"),
      Array.from({ length: 103 }, (_, n) => ({ n })),
    );
  });
});

Deno.test("what comes while an availableNow stream runs is left to the next run", async () => {
  await withNumbers(async (session) => {
    await addNumbers(session, 0, 10);
    let added = false;
    const slow: Transform = {
      ...copy,
      apply: async (batch) => {
        if (!added) await addNumbers(session, 10, 30);
        added = true;
        return copy.apply(batch);
      },
    };
    const query = await session.readStream.options({ maxRowsPerTrigger: 5 }).table("numbers")
      .transform(slow).writeStream.queryName("copy_stream").trigger({ availableNow: true }).toTable(
        "copies",
      );
    await query.awaitTermination();
    assert.deepEqual(batchesOf(query).map((batch) => batch.in), [5, 5]);
    await takeNumbers(session);
    await assertCopied(session, 30);
  });
});

Deno.test("a column that was added to the table reaches the stream", async () => {
  await withNumbers(async (session) => {
    await addNumbers(session, 0, 5);
    await takeNumbers(session);
    await commitSql(session.lake, "ALTER TABLE numbers ADD COLUMN note VARCHAR");
    await commitSql(session.lake, "INSERT INTO numbers VALUES (5, 'new')");
    await takeNumbers(session);
    await assertCopied(session, 6);
    const query = await session.readStream.table("numbers").transform({
      schema: { n: "BIGINT", note: "VARCHAR" },
      apply: ({ relation }) => `SELECT n, note FROM ${relation}`,
    }).writeStream.queryName("notes_stream").trigger({ availableNow: true }).toTable("notes");
    await query.awaitTermination();
    assert.deepEqual(await session.sql("FROM notes WHERE n >= 4 ORDER BY n"), [
      { n: 4, note: null },
      { n: 5, note: "new" },
    ]);
  });
});

Deno.test("a batch of a table has the table's columns, and no others", async () => {
  await withNumbers(async (session) => {
    await addNumbers(session, 0, 2);
    const query = await session.readStream.table("numbers").transform({
      schema: { n: "BIGINT" },
      apply: ({ relation }) => `FROM ${relation}`,
    }).writeStream.queryName("all_stream").trigger({ availableNow: true }).toTable("alike");
    await query.awaitTermination();
    assert.deepEqual(await session.sql("FROM alike ORDER BY n"), [{ n: 0 }, { n: 1 }]);
  });
});

Deno.test("a transform that names its columns is given these, and no others", async () => {
  await withSession(async (session) => {
    await commitSql(session.lake, "CREATE TABLE numbers AS SELECT 1 AS n, 2 AS m, 3 AS o");
    const query = await session.readStream.table("numbers")
      .transform({
        schema: { m: "INTEGER", n: "INTEGER" },
        reads: ["n", "m"],
        apply: ({ relation }) => `FROM ${relation}`,
      })
      .writeStream.queryName("copy_stream").trigger({ availableNow: true }).toTable("copies");
    await query.awaitTermination();
    assert.deepEqual(await session.table("copies"), [{ m: 2, n: 1 }]);
  });
});

Deno.test("once takes all rows of a table in one batch, whatever the limit says", async () => {
  await withNumbers(async (session) => {
    await addNumbers(session, 0, 120);
    await addNumbers(session, 120, 125);
    const query = await session.readStream.options({ maxRowsPerTrigger: 50 }).table("numbers")
      .transform(copy).writeStream.queryName("copy_stream").trigger({ once: true })
      .toTable("copies");
    await query.awaitTermination();
    assert.deepEqual(batchesOf(query).map((batch) => batch.in), [125]);
    await assertCopied(session, 125);
  });
});

Deno.test("a table that is dropped under a stream ends it, and one made anew is not taken for the old one", async () => {
  await withNumbers(async (session) => {
    await addNumbers(session, 0, 5);
    const query = await session.readStream.table("numbers").transform(copy).writeStream
      .queryName("copy_stream").toTable("copies");
    await query.processAllAvailable();
    await commitSql(session.lake, "DROP TABLE numbers");
    await assert.rejects(query.awaitTermination(), /the table "numbers" has been dropped/);
    await session.lake.createTable("numbers", { n: "BIGINT" });
    await addNumbers(session, 5, 15);
    await assert.rejects(takeNumbers(session), (error: Error) => {
      assert.ok(error instanceof BirdsongError);
      assert.match(
        error.message,
        /^the table "numbers" has been dropped and made anew since copy_stream read it: clear the/,
      );
      return true;
    });
    await assertCopied(session, 5);
  });
});

Deno.test("a table that is missing is named, with what to do", async () => {
  await withSession(async (session) => {
    await assert.rejects(takeNumbers(session), (error: Error) => {
      assert.ok(error instanceof BirdsongError);
      assert.match(error.message, /^copy_stream reads the table "numbers", which is not in /);
      assert.match(error.message, /start the stream that writes it first/);
      assert.equal(error.context.table, "numbers");
      return true;
    });
    // The name is free again.
    await session.lake.createTable("numbers", { n: "BIGINT" });
    await takeNumbers(session);
  });
});

Deno.test({
  name: "a stream and its compaction do not wait for a long query of their session",
  ignore: process.platform === "win32",
  async fn() {
    await withNumbers(async (session) => {
      const query = await session.readStream.table("numbers").transform(copy).writeStream
        .queryName("copy_stream").toTable("copies");
      await query.processAllAvailable();
      // It lasts until something is written into the pipe.
      const pipe = join(session.location, "pipe");
      execFileSync("mkfifo", [pipe]);
      const long = session.sql(
        "FROM read_csv($pipe, header = false, auto_detect = false, columns = {'n': 'BIGINT'})",
        { pipe },
      );
      try {
        await addNumbers(session, 0, 3);
        await waitAtMost(query.processAllAvailable(), 60_000);
        assert.deepEqual(batchesOf(query), [{ batchId: 0, in: 3, out: 3 }]);
        let optimized = false;
        const compaction = optimize(session.lake, "copies").then(() => void (optimized = true));
        await waitAtMost(compaction, 60_000);
        assert.ok(optimized);
      } finally {
        writeFileSync(pipe, "7\n");
      }
      assert.deepEqual(await long, [{ n: 7 }]);
    });
  },
});
