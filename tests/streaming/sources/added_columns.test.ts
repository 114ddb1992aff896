import assert from "node:assert/strict";
import { Lakehouse } from "../../../lib/lakehouse/lakehouse.ts";
import {
  readAddedColumns,
  storeAddedColumns,
} from "../../../lib/streaming/sources/added_columns.ts";
import { takeBirds, withSession } from "../with_session.ts";

Deno.test("columns that two processes add at the same moment are there once, in an order", async () => {
  await withSession(async (session, source) => {
    await takeBirds(session, source);
    const { lake } = session;
    const other = await Lakehouse.open(lake.folder);
    const [ours, theirs] = [await lake.connect(), await other.connect()];
    const { commit } = lake;
    let attempts = 0;
    // The other one commits when ours has done everything but that.
    lake.commit = (connection, info, action) =>
      commit.call(lake, connection, info, async (connection) => {
        await action(connection);
        if (attempts++ > 0) return;
        const columns = { eggs: "BIGINT", lang: "VARCHAR" };
        await storeAddedColumns(other, theirs, "birds_stream", columns);
      }) as never;
    await storeAddedColumns(lake, ours, "birds_stream", { lang: "VARCHAR", rare: "BOOLEAN" });
    assert.equal(attempts, 2);
    assert.deepEqual(Object.entries(await readAddedColumns(ours, "birds_stream")), [
      ["eggs", "BIGINT"],
      ["lang", "VARCHAR"],
      ["rare", "BOOLEAN"],
    ]);
    assert.deepEqual(await readAddedColumns(ours, "other_stream"), {});
    for (const connection of [ours, theirs]) connection.close();
    other.close();
  });
});
