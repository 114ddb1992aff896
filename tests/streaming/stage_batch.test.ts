import assert from "node:assert/strict";
import type { Transform } from "../../lib/streaming/transform.ts";
import { rawBird, withSession, writeLines } from "./with_session.ts";

Deno.test("a transform whose result has other columns than it declares is refused, and writes nothing", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren", songs: 3 });
    const run = async (schema: Transform["schema"], sql: string) => {
      const query = await session.readStream.schema(rawBird).json(source)
        .transform({ schema, apply: ({ relation }) => `SELECT ${sql} FROM ${relation}` })
        .writeStream.queryName("birds_stream").trigger({ availableNow: true }).toTable("birds");
      await query.awaitTermination();
    };
    const schema = { name: "VARCHAR", songs: "DOUBLE" };
    const declared =
      /birds_stream failed in batch 0: the transform declares the columns name, songs/;
    await assert.rejects(run(schema, "name"), declared);
    await assert.rejects(run(schema, "name"), /but its result has name$/);
    await assert.rejects(run(schema, "name, songs, 1 AS more"), /result has more, name, songs$/);
    await assert.rejects(run(schema, "name, songs AS n"), /result has n, name$/);
    assert.equal(await session.lake.count("birds"), 0);
    await run(schema, "songs, name");
    assert.deepEqual(await session.table("birds"), [{ name: "wren", songs: 3 }], "in any order");
  });
});

Deno.test("a row that two conditions set aside is counted for both and left out once", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren", songs: 3 }, { name: "owl" }, { songs: 7 }, {});
    const transform: Transform = {
      schema: { name: "VARCHAR" },
      setAside: { nameless: "name IS NULL", silent: "songs IS NULL OR songs = 0" },
      observe: { 'the "first"': "min(name)", none: "max(name) FILTER (WHERE false)" },
      apply: ({ relation }) => `SELECT name FROM ${relation}`,
    };
    const query = await session.readStream.schema(rawBird).json(source).transform(transform)
      .writeStream.queryName("birds_stream").trigger({ availableNow: true }).toTable("birds");
    await query.awaitTermination();
    assert.deepEqual(await session.table("birds"), [{ name: "wren" }]);
    assert.deepEqual(query.lastProgress!.observedMetrics, {
      corruptRecords: 0,
      rescuedRecords: 0,
      nameless: 2,
      silent: 2,
      'the "first"': "wren",
      none: null,
    });
  });
});
