import assert from "node:assert/strict";
import { clearPreviousRun } from "../../../lib/streaming/processes/clear.ts";
import { readProgress } from "../../../lib/streaming/checkpoint.ts";
import { batchesOf, birds, rawBird, takeBirds, withSession, writeLines } from "../with_session.ts";

Deno.test("clearing drops tables and checkpoints, and a stream starts from the first file again", async () => {
  await withSession(async (session, source) => {
    await clearPreviousRun(session, ["birds"]);
    for (const name of ["a", "b"]) writeLines(source, `${name}.json`, { name });
    const first = await takeBirds(session, source, 1);
    const before = await session.lake.currentVersion();
    await session.lake.createTable("mine", { n: "BIGINT" });
    await clearPreviousRun(session, ["birds", "nothing of this name"]);
    assert.equal(await session.lake.tableExists("birds"), false);
    assert.equal(await session.lake.tableExists("mine"), true, "other tables stay");
    assert.deepEqual(await readProgress(session.lake), []);
    const [kept] = await session.sql(`SELECT count(*) AS n FROM birds AT (VERSION => ${before})`);
    assert.equal(kept.n, 2, "the earlier version can be read");

    const again = await takeBirds(session, source, 1);
    assert.deepEqual(batchesOf(again), batchesOf(first));
    assert.notEqual(again.id, first.id);
    assert.equal(await session.lake.count("birds"), 2);
  });
});

Deno.test("clearing is refused while a stream of this process runs", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren" });
    await takeBirds(session, source);
    const query = await session.readStream.schema(rawBird).json(source).transform(birds)
      .writeStream.queryName("birds_stream").trigger({ processingTime: "1 minute" }).toTable(
        "birds",
      );
    await assert.rejects(
      clearPreviousRun(session, ["birds"]),
      /cannot clear the previous run in .* while streams run: birds_stream\. Stop them first/,
    );
    assert.equal(await session.lake.count("birds"), 1);
    await query.stop();
    await clearPreviousRun(session, ["birds"]);
    assert.equal(await session.lake.tableExists("birds"), false);
  });
});
