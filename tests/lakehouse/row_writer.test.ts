import assert from "node:assert/strict";
import type { Connection } from "../../lib/lakehouse/connection.ts";
import { RowWriter } from "../../lib/lakehouse/row_writer.ts";
import { withLake } from "./with_lake.ts";

async function withConnection(test: (connection: Connection) => Promise<void>): Promise<void> {
  await withLake(async (lake) => {
    const connection = await lake.connect();
    try {
      await test(connection);
    } finally {
      connection.close();
    }
  });
}

Deno.test("rows of every type come back as they were written", async () => {
  await withConnection(async (connection) => {
    const schema = {
      text: "VARCHAR",
      whole: "INTEGER",
      big: "BIGINT",
      number: "DOUBLE",
      flag: "BOOLEAN",
    };
    const writer = await RowWriter.create(connection, "rows", schema);
    writer.add(["a", 1, 2n ** 53n + 1n, 0.1, true]);
    writer.add([null, null, null, null, null]);
    writer.add(["", -2147483648, -5n, -0, false]);
    writer.close();
    assert.equal(writer.count, 3);
    assert.deepEqual(await connection.rows("FROM rows"), [
      { text: "a", whole: 1, big: 2n ** 53n + 1n, number: 0.1, flag: true },
      { text: null, whole: null, big: null, number: null, flag: null },
      { text: "", whole: -2147483648, big: -5, number: -0, flag: false },
    ]);
    const types = await connection.rows("SELECT column_type FROM (DESCRIBE rows)");
    assert.deepEqual(types.map((row) => row.column_type), Object.values(schema));
  });
});

Deno.test("any number of rows is written, with NULLs in their places", async () => {
  await withConnection(async (connection) => {
    // 2048 rows are a chunk.
    for (const rows of [0, 1, 2047, 2048, 2049, 5000]) {
      const writer = await RowWriter.create(connection, "rows", { n: "INTEGER", text: "VARCHAR" });
      // Every seventh text is NULL: other places in every chunk.
      for (let n = 0; n < rows; n++) writer.add([n, n % 7 === 0 ? null : `text ${n}`]);
      writer.close();
      assert.equal(writer.count, rows);
      assert.deepEqual(
        await connection.row(
          `SELECT count(*) AS rows, count(DISTINCT n) AS n, count(*) FILTER (
             WHERE text IS DISTINCT FROM CASE WHEN n % 7 <> 0 THEN 'text ' || n END) AS wrong
           FROM rows`,
        ),
        { rows, n: rows, wrong: 0 },
      );
    }
  });
});

Deno.test("hostile texts are written as they are", async () => {
  await withConnection(async (connection) => {
    const texts = [
      "a\u0000b",
      "\u0000",
      "\ud83d\ude00 😀",
      "'; DROP TABLE rows; --",
      '"<script>alert(1)</script>',
      "line\r\nline\u2028",
      "x".repeat(100_000),
      "é".repeat(100_000),
      "inner\ufeffmark",
      "\u202e",
    ];
    const writer = await RowWriter.create(connection, "rows", { n: "INTEGER", text: "VARCHAR" });
    texts.forEach((text, n) => writer.add([n, text]));
    writer.close();
    const back = await connection.rows("SELECT text FROM rows ORDER BY n");
    assert.deepEqual(back.map((row) => row.text), texts);
  });
});

Deno.test("half a surrogate pair becomes the replacement character", async () => {
  await withConnection(async (connection) => {
    const writer = await RowWriter.create(connection, "rows", { text: "VARCHAR" });
    for (const text of ["\ud83d", "a\ude00b", "\ude00\ud83d"]) writer.add([text]);
    writer.close();
    const back = await connection.rows("SELECT text FROM rows");
    assert.deepEqual(back.map((row) => row.text), ["\ufffd", "a\ufffdb", "\ufffd\ufffd"]);
  });
});

Deno.test("a table that is written again holds only the new rows", async () => {
  await withConnection(async (connection) => {
    for (const text of ["old", "new"]) {
      const writer = await RowWriter.create(connection, 'my "rows"', { text: "VARCHAR" });
      writer.add([text]);
      writer.close();
    }
    assert.deepEqual(await connection.rows('FROM "my ""rows"""'), [{ text: "new" }]);
  });
});
