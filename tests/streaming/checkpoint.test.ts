import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import process from "node:process";
import type { Connection } from "../../lib/lakehouse/connection.ts";
import { Lakehouse } from "../../lib/lakehouse/lakehouse.ts";
import { Checkpoint } from "../../lib/streaming/checkpoint.ts";
import type { StreamingQueryProgress } from "../../lib/streaming/progress.ts";
import { type QueryRun, RunMark } from "../../lib/streaming/processes/running.ts";
import { commitSql, withLake } from "../lakehouse/with_lake.ts";
import { takeBirds, withSession, writeLines } from "./with_session.ts";

/** A run of the query, as its mark tells the checkpoint of it. */
function newRun(): QueryRun {
  return {
    name: "birds_stream",
    runId: randomUUID(),
    pid: process.pid,
    host: hostname(),
    startedAt: "2026-01-02T03:04:05.678Z",
    here: true,
    state: "running",
    error: null,
  };
}

/** Commits a batch of nothing but its number; returns what `advance` says. */
function advance(
  lake: Lakehouse,
  checkpoint: Checkpoint,
  connection: Connection,
  runId: string,
  batchId: number,
): Promise<boolean> {
  const progress = { batchId, runId } as StreamingQueryProgress;
  return lake.commit(
    connection,
    { author: "test", message: `batch ${batchId}` },
    (connection) => checkpoint.advance(connection, progress, { batchId }),
  );
}

Deno.test("a run whose query was taken over commits nothing, not even the batch that is next", async () => {
  await withLake(async (lake) => {
    const checkpoint = new Checkpoint(lake, "birds_stream");
    const connection = await lake.connect();
    const commit = (run: QueryRun, batchId: number) =>
      advance(lake, checkpoint, connection, run.runId, batchId);
    const takenOver = { message: /^birds_stream runs in another process too.*nothing was written/ };
    const [first, second] = [newRun(), newRun()];
    const { id } = await checkpoint.open(connection, first);
    assert.equal(await commit(first, 0), true);
    assert.equal(await commit(first, 0), false, "a commit whose answer was lost");
    // No mark says that the first run is alive.
    const state = await checkpoint.open(connection, second);
    assert.deepEqual([state.id, state.batchId, state.offset], [id, 0, { batchId: 0 }]);
    await assert.rejects(commit(first, 1), takenOver);
    assert.equal(await commit(second, 1), true);
    await assert.rejects(commit(first, 1), takenOver, "the other's batch is not taken for its own");
    await assert.rejects(commit(second, 3), takenOver);
    connection.close();
  });
});

Deno.test("a start whose answer was lost is repeated, and is one start", async () => {
  await withLake(async (lake) => {
    const checkpoint = new Checkpoint(lake, "birds_stream");
    const connection = await lake.connect();
    const mark = new RunMark(lake.folder, "birds_stream", randomUUID(), () => {});
    const state = await checkpoint.open(connection, mark.run);
    assert.deepEqual(await checkpoint.open(connection, mark.run), state);
    await assert.rejects(checkpoint.open(connection, newRun()), /is running already/);
    mark.end();
    connection.close();
  });
});

Deno.test("the checkpoint says who runs a query, and since when", async () => {
  await withLake(async (lake) => {
    const connection = await lake.connect();
    const run = newRun();
    await new Checkpoint(lake, "birds_stream").open(connection, run);
    connection.close();
    assert.deepEqual(
      await lake.sql("SELECT name, run_id, host, pid, started_at FROM checkpoint.queries"),
      [{
        name: "birds_stream",
        run_id: run.runId,
        host: hostname(),
        pid: process.pid,
        started_at: new Date(run.startedAt),
      }],
    );
  });
});

Deno.test("first starts of a query at the same moment make one row of it", async () => {
  await withLake(async (lake) => {
    const lakes = [lake, await Lakehouse.open(lake.folder), await Lakehouse.open(lake.folder)];
    for (const name of ["a_stream", "b_stream", "c_stream"]) {
      const states = await Promise.all(lakes.map(async (lake) => {
        const connection = await lake.connect();
        try {
          return await new Checkpoint(lake, name).open(connection, { ...newRun(), name });
        } finally {
          connection.close();
        }
      }));
      assert.equal(new Set(states.map(({ id }) => id)).size, 1);
      const rows = await lake.sql("FROM checkpoint.queries WHERE name = $name", { name });
      assert.equal(rows.length, 1);
    }
    assert.deepEqual(await lake.sql("FROM checkpoint.first_starts"), [{ number: 3 }]);
    for (const other of lakes.slice(1)) other.close();
  });
});

Deno.test("a checkpoint of an earlier version of the library goes on", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren" });
    const { id } = await takeBirds(session, source);
    await commitSql(session.lake, "DROP TABLE checkpoint.first_starts");
    for (const column of ["host", "pid", "started_at"]) {
      await commitSql(session.lake, `ALTER TABLE checkpoint.queries DROP COLUMN ${column}`);
    }
    writeLines(source, "b.json", { name: "owl" });
    const query = await takeBirds(session, source);
    assert.deepEqual([query.id, query.lastProgress?.batchId], [id, 1]);
    assert.deepEqual(await session.sql("SELECT count(*) AS n FROM birds"), [{ n: 2 }]);
  });
});
