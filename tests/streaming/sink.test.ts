import assert from "node:assert/strict";
import { BirdsongError } from "../../lib/errors.ts";
import { catalog } from "../../lib/lakehouse/catalog_tables.ts";
import { history } from "../../lib/lakehouse/history.ts";
import type { Schema } from "../../lib/lakehouse/sql_text.ts";
import type { ForeachBatch } from "../../lib/streaming/sink.ts";
import type { Session } from "../../lib/streaming/session.ts";
import type { StreamingQuery } from "../../lib/streaming/streaming_query.ts";
import { commitSql } from "../lakehouse/with_lake.ts";
import { rawBird, takeBirds, withSession, writeLines } from "./with_session.ts";

let names = 0;

/** Streams the source with this SQL (of `batch`) into the table "birds", under a new name. */
async function write(
  session: Session,
  source: string,
  schema: Schema,
  columns: string,
  options: { mergeSchema?: boolean } = {},
): Promise<StreamingQuery> {
  const query = await session.readStream.schema(rawBird).json(source)
    .transform({ schema, apply: ({ relation }) => `SELECT ${columns} FROM ${relation}` })
    .writeStream.queryName(`stream_${++names}`).options(options).trigger({ availableNow: true })
    .toTable("birds");
  await query.awaitTermination();
  return query;
}

Deno.test("columns go where their names say, and what a stream does not write is NULL", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren", songs: 2 });
    await write(session, source, { name: "VARCHAR", songs: "DOUBLE" }, "songs, name");
    await write(session, source, { songs: "DOUBLE" }, "songs");
    assert.deepEqual(await session.sql("FROM birds ORDER BY name"), [
      { name: "wren", songs: 2 },
      { name: null, songs: 2 },
    ]);
  });
});

Deno.test("a new column is an error that names it, and nothing is written", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren", songs: 2 });
    await write(session, source, { name: "VARCHAR" }, "name");
    const schema = { name: "VARCHAR", songs: "DOUBLE", constructor: "VARCHAR" };
    await assert.rejects(
      write(session, source, schema, "name, songs, 'x' AS constructor"),
      (error: Error) => {
        assert.ok(error instanceof BirdsongError);
        assert.match(
          error.message,
          /table "birds" does not have: songs, constructor\. .*mergeSchema/,
        );
        assert.equal(error.context.table, "birds");
        return true;
      },
    );
    assert.equal(await session.lake.count("birds"), 1);
  });
});

Deno.test("mergeSchema adds new columns; older rows have NULL there", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren", songs: 2 });
    await write(session, source, { name: "VARCHAR" }, "name");
    const schema = { name: "VARCHAR", songs: "DOUBLE", 'the "place"': "VARCHAR" };
    const columns = `name, songs, 'here' AS "the ""place"""`;
    await write(session, source, schema, columns, { mergeSchema: true });
    await write(session, source, schema, columns, { mergeSchema: true });
    assert.deepEqual(await session.lake.tableSchema("birds"), schema);
    assert.deepEqual(await session.sql("FROM birds ORDER BY songs NULLS FIRST"), [
      { name: "wren", songs: null, 'the "place"': null },
      { name: "wren", songs: 2, 'the "place"': "here" },
      { name: "wren", songs: 2, 'the "place"': "here" },
    ]);
  });
});

Deno.test("a column of another type is an error that names it, with mergeSchema too", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren", songs: 2 });
    await write(session, source, { name: "VARCHAR", songs: "VARCHAR" }, "name, songs");
    for (const mergeSchema of [false, true]) {
      await assert.rejects(
        write(session, source, { name: "VARCHAR", songs: "DOUBLE" }, "name, songs", {
          mergeSchema,
        }),
        /column "songs" of the table "birds" is VARCHAR, but the stream writes DOUBLE/,
      );
    }
    assert.equal(await session.lake.count("birds"), 1);
  });
});

Deno.test("a transform that gives a column it did not declare ends the stream", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren", songs: 2 });
    await assert.rejects(
      write(session, source, { name: "VARCHAR" }, "name, songs"),
      /stream_\d+ failed in batch 0: .*songs/s,
    );
    assert.equal(await session.lake.count("birds"), 0);
  });
});

Deno.test("foreachBatch writes in the batch's transaction", async () => {
  await withSession(async (session, source) => {
    const schema = { name: "VARCHAR", songs: "DOUBLE" };
    const seen: number[] = [];
    const run = async (merge: ForeachBatch) => {
      const query = await session.readStream.schema(rawBird).options({ maxFilesPerTrigger: 1 })
        .json(source).transform({
          schema,
          apply: ({ relation }) => `SELECT name, songs FROM ${relation}`,
        })
        .writeStream.queryName("sums_stream").trigger({ availableNow: true }).foreachBatch(
          "sums",
          schema,
          merge,
        );
      await query.awaitTermination();
      return query;
    };
    const merge: ForeachBatch = (connection, batch, batchId) => {
      seen.push(batchId);
      return connection.run(
        `MERGE INTO sums USING ${batch} AS batch ON sums.name = batch.name
         WHEN MATCHED THEN UPDATE SET songs = sums.songs + batch.songs
         WHEN NOT MATCHED THEN INSERT BY NAME`,
      );
    };
    writeLines(source, "a.json", { name: "wren", songs: 1 }, { name: "owl", songs: 10 });
    writeLines(source, "b.json", { name: "wren", songs: 2 });
    const query = await run(merge);
    const metrics = { commitAttempts: 1 };
    assert.deepEqual(query.recentProgress.map(({ sink }) => sink), [
      { description: "ForeachBatchSink", numOutputRows: 2, metrics },
      { description: "ForeachBatchSink", numOutputRows: 1, metrics },
    ]);
    writeLines(source, "c.json", { name: "wren", songs: 4 });
    await assert.rejects(
      run(async (connection, batch, batchId) => {
        await merge(connection, batch, batchId);
        throw new Error("after the merge");
      }),
      /sums_stream failed in batch 2: after the merge/,
    );
    const sums = () => session.sql("FROM sums ORDER BY name");
    assert.deepEqual(await sums(), [{ name: "owl", songs: 10 }, { name: "wren", songs: 3 }]);
    await run(merge);
    assert.deepEqual(await sums(), [{ name: "owl", songs: 10 }, { name: "wren", songs: 7 }]);
    assert.deepEqual(seen, [0, 1, 2, 2]);
  });
});

Deno.test("a stream of many small batches compacts its table on the way", async () => {
  await withSession(async (session, source) => {
    const schema = { name: "VARCHAR", songs: "DOUBLE" };
    const batches = 105;
    for (let n = 100; n < 100 + batches; n++) {
      writeLines(source, `${n}.json`, { name: "wren", songs: 1 }, { name: `bird ${n}`, songs: 1 });
    }
    const query = await session.readStream.schema(rawBird).options({ maxFilesPerTrigger: 1 })
      .json(source)
      .transform({ schema, apply: ({ relation }) => `SELECT name, songs FROM ${relation}` })
      .writeStream.queryName("many_stream").trigger({ availableNow: true })
      .foreachBatch("sums", schema, (connection, batch) =>
        connection.run(
          `MERGE INTO sums USING ${batch} AS batch ON sums.name = batch.name
           WHEN MATCHED THEN UPDATE SET songs = sums.songs + batch.songs
           WHEN NOT MATCHED THEN INSERT BY NAME`,
        ));
    await query.awaitTermination();
    assert.deepEqual(
      query.recentProgress.map(({ batchId }) => batchId),
      Array.from({ length: 100 }, (_, n) => n + 5),
      "the last hundred",
    );
    const versions = await history(session.lake, "sums");
    assert.deepEqual(
      new Set(versions.map(({ operation }) => operation)),
      new Set([
        "CREATE TABLE",
        "APPEND",
        "MERGE",
        "OPTIMIZE",
      ]),
    );
    const [{ file_count }] = await session.sql(
      "SELECT file_count FROM ducklake_table_info('lake') WHERE table_name = 'sums'",
    );
    assert.ok(file_count <= 2 + 5, `${file_count} files, of which 5 came after two compactions`);
    assert.deepEqual(
      await session.sql(
        "SELECT count(*) AS birds, sum(songs) AS songs, max(songs) AS most FROM sums",
      ),
      [{ birds: batches + 1, songs: 2 * batches, most: batches }],
    );
  });
});

Deno.test("a stream whose table cannot be compacted says so, and goes on", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "0.json", { name: "wren" });
    await takeBirds(session, source);
    await session.lake.createTable("others", { name: "VARCHAR" });
    await commitSql(session.lake, "UPDATE checkpoint.queries SET batch_id = 48");
    for (const name of ["1", "2", "3"]) writeLines(source, `${name}.json`, { name });
    const warnings: string[] = [];
    const { warn } = console;
    console.warn = (text: string) => warnings.push(text);
    try {
      const query = await session.readStream.schema(rawBird).options({ maxFilesPerTrigger: 1 })
        .json(source).transform({
          schema: { name: "VARCHAR" },
          apply: ({ relation }) => `SELECT name FROM ${relation}`,
        }).writeStream.queryName("birds_stream").trigger({ availableNow: true })
        .foreachBatch("birds", { name: "VARCHAR" }, async (connection, batch) => {
          await connection.run("DROP TABLE IF EXISTS birds");
          return await connection.run(`INSERT INTO others FROM ${batch}`);
        });
      await query.awaitTermination();
      assert.deepEqual(query.recentProgress.map(({ batchId }) => batchId), [49, 50, 51]);
    } finally {
      console.warn = warn;
    }
    assert.equal(warnings.length, 1);
    assert.match(
      warnings[0],
      /^birds_stream goes on, but could not compact the table "birds": there is no table "birds"/,
    );
    assert.equal(await session.lake.count("others"), 3);
  });
});

Deno.test("a stream of very many batches removes the old rows of the queries' positions", async () => {
  await withSession(async (session, source) => {
    const take = async (...files: string[]) => {
      for (const file of files) writeLines(source, file, { name: file });
      const query = await takeBirds(session, source, 1);
      return query.recentProgress.map(({ batchId }) => batchId);
    };
    const oldRows = async () => {
      const [{ table }] = await session.sql(
        `SELECT inlined.table_name AS table FROM ${catalog}.ducklake_inlined_data_tables AS inlined
         JOIN ${catalog}.ducklake_table AS tables USING (table_id)
         WHERE tables.table_name = 'queries'`,
      );
      const [{ rows }] = await session.sql(
        `SELECT count(*) AS rows FROM ${catalog}.${table} WHERE end_snapshot IS NOT NULL`,
      );
      return rows;
    };
    assert.deepEqual(await take("0.json", "1.json", "2.json"), [0, 1, 2]);
    assert.ok(await oldRows() >= 3);
    await commitSql(session.lake, "UPDATE checkpoint.queries SET batch_id = 497");
    assert.deepEqual(await take("3.json", "4.json", "5.json"), [498, 499, 500]);
    assert.equal(await oldRows(), 0);
    assert.deepEqual(await take("6.json"), [501]);
    assert.equal(await session.count("birds"), 7);
  });
});
