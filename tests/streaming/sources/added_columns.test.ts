import assert from "node:assert/strict";
import {
  readAddedColumns,
  storeAddedColumns,
} from "../../../lib/streaming/sources/added_columns.ts";
import { Session } from "../../../lib/streaming/session.ts";
import { takeBirds, withSession } from "../with_session.ts";

Deno.test("columns that two processes add at the same moment are there once, in an order", async () => {
  await withSession(async (session, source) => {
    await takeBirds(session, source);
    const sessions = [session, await Session.open(session.location)];
    const found: [string, string][] = [["lang", "VARCHAR"], ["eggs", "BIGINT"], [
      "rare",
      "BOOLEAN",
    ]];
    await Promise.all(sessions.map(async ({ lake }, index) => {
      const connection = await lake.connect();
      // Each has found two of them, one of which the other has found, too.
      const columns = Object.fromEntries(found.slice(index, index + 2));
      await storeAddedColumns(lake, connection, "birds_stream", columns);
      connection.close();
    }));
    const connection = await session.lake.connect();
    const added = await readAddedColumns(connection, "birds_stream");
    assert.deepEqual(Object.entries(added).sort(), found.sort());
    assert.deepEqual(await readAddedColumns(connection, "other_stream"), {});
    connection.close();
    assert.deepEqual(
      await session.sql("SELECT position FROM checkpoint.columns ORDER BY position"),
      [{ position: 0 }, { position: 1 }, { position: 2 }],
    );
    await sessions[1].close();
  });
});
