import assert from "node:assert/strict";
import { join } from "node:path";
import { BirdsongError } from "../../lib/errors.ts";
import { listStreams } from "../../lib/streaming/processes/list_streams.ts";
import { Session } from "../../lib/streaming/session.ts";
import { withFolder } from "../lakehouse/with_lake.ts";
import { whileLocked } from "../lakehouse/while_locked.ts";
import { batchesOf, birds, rawBird, takeBirds, withSession, writeLines } from "./with_session.ts";

/** Starts the stream of birds without an end. */
function runBirds(session: Session, source: string) {
  return session.readStream.schema(rawBird).json(source).transform(birds)
    .writeStream.queryName("birds_stream").trigger({ processingTime: "20 ms" }).toTable("birds");
}

Deno.test("a stream fails with a clear error when another process keeps the catalog locked, and its next run goes on", async () => {
  await withFolder(async (folder) => {
    const source = join(folder, "source");
    writeLines(source, "a.json", { name: "wren" });
    const session = await Session.open(join(folder, "lake"), { patience: 100 });
    await takeBirds(session, source);
    const query = await runBirds(session, source);
    await whileLocked(session.lake.folder, async () => {
      writeLines(source, "b.json", { name: "owl" });
      await assert.rejects(query.awaitTermination(), (error: Error) => {
        assert.ok(error instanceof BirdsongError && error.retriable);
        assert.match(
          error.message,
          /^birds_stream: batch 1: other processes have kept the lake's catalog busy for 0\.1 s\. .*start again/,
        );
        return true;
      });
      const [{ name, state, error, lastProgress }] = await listStreams(session.lake);
      assert.deepEqual([name, state, error, lastProgress?.batchId], [
        "birds_stream",
        "failed",
        query.exception!.message,
        0,
      ]);
      await assert.rejects(takeBirds(session, source), /^\w+: birds_stream: start query: .* busy/);
    });
    const again = await takeBirds(session, source);
    assert.deepEqual(batchesOf(again), [{ batchId: 1, in: 1, out: 1 }]);
    assert.deepEqual(await listStreams(session.lake), []);
    await session.close();
  });
});

Deno.test("a stream waits for a catalog that is locked for a while, at its start and later", async () => {
  await withSession(async (session, source) => {
    const { folder } = session.lake;
    writeLines(source, "a.json", { name: "wren" });
    await takeBirds(session, source);
    let query: Awaited<ReturnType<typeof runBirds>>;
    await whileLocked(folder, async (release) => {
      const starting = runBirds(session, source);
      await new Promise((wake) => setTimeout(wake, 200));
      assert.equal(session.streams.active.length, 0);
      await release();
      query = await starting;
    });
    const batch = new Promise((resolve) =>
      session.streams.addListener({ onQueryProgress: resolve })
    );
    await whileLocked(folder, async (release) => {
      writeLines(source, "b.json", { name: "owl" });
      assert.equal(await query.awaitTermination(200), false);
      assert.equal(await session.lake.count("birds"), 1);
      await release();
      await batch;
    });
    await query!.stop();
    assert.equal(await session.lake.count("birds"), 2);
  });
});
