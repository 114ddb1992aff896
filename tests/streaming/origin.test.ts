import assert from "node:assert/strict";
import { originOf } from "../../lib/streaming/origin.ts";
import type { Transform } from "../../lib/streaming/transform.ts";
import { commitSql } from "../lakehouse/with_lake.ts";
import { withSession } from "./with_session.ts";

Deno.test("a batch that was planned on a table's version is not one that made it", async () => {
  await withSession(async (session) => {
    const { lake } = session;
    await commitSql(lake, "CREATE TABLE numbers AS SELECT 1 AS n");
    const copy: Transform = {
      schema: { n: "INTEGER" },
      apply: async ({ id, relation }) => {
        // It waits while the first batch is committed, and nothing is committed behind that.
        if (id === 0) await commitSql(lake, "INSERT INTO numbers VALUES (2)");
        return `SELECT n FROM ${relation}`;
      },
    };
    const query = await session.readStream.table("numbers").transform(copy).writeStream
      .queryName("copies_stream").toTable("copies");
    await query.processAllAvailable();
    await query.stop();
    const [second, first] = await session.history("copies");
    const plannedAt = query.recentProgress.map(({ sources: [{ latestOffset }] }) =>
      (latestOffset as { version: number }).version
    );
    assert.deepEqual(plannedAt[1], first.version);
    for (const [count, { version }] of [[1, first], [2, second]] as const) {
      const { progress, sourceVersion } = await originOf(lake, "copies_stream", version);
      assert.deepEqual(progress.map(({ batchId }) => batchId), [0, 1].slice(0, count));
      assert.equal(sourceVersion, plannedAt[count - 1]);
    }
  });
});
