import assert from "node:assert/strict";
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { BirdsongError } from "../../lib/errors.ts";
import { clearPreviousRun } from "../../lib/streaming/clear.ts";
import { runningQueries } from "../../lib/streaming/running.ts";
import { Session } from "../../lib/streaming/session.ts";
import { stopAllStreams } from "../../lib/streaming/stop_all.ts";
import { OtherProcess } from "./other_process.ts";
import { birds, rawBird, takeBirds, withSession, writeLines } from "./with_session.ts";

/** Starts the stream of birds without an end. */
function runBirds(session: Session, source: string) {
  return session.readStream.schema(rawBird).json(source).transform(birds)
    .writeStream.queryName("birds_stream").trigger({ processingTime: "50 ms" }).toTable("birds");
}

/** Writes a mark as a process leaves it that is not ours to run. */
function writeMark(lake: string, text: string, secondsAgo: number): void {
  const file = join(lake, "running", "birds_stream.json");
  mkdirSync(join(lake, "running"), { recursive: true });
  writeFileSync(file, text);
  const then = new Date(Date.now() - secondsAgo * 1000);
  utimesSync(file, then, then);
}

Deno.test("a query that runs in another process is listed, runs only once, and stops on request", async () => {
  await withSession(async (session, source) => {
    const { folder } = session.lake;
    assert.deepEqual(runningQueries(folder), []);
    writeLines(source, "a.json", { name: "wren" });
    const other = new OtherProcess(folder, source);
    try {
      await other.prints("started");
      await other.prints("batch 0");
      const [query, ...more] = runningQueries(folder);
      assert.deepEqual(more, []);
      const { startedAt, runId, ...rest } = query;
      assert.deepEqual(rest, {
        name: "birds_stream",
        pid: other.pid,
        host: hostname(),
        here: false,
        state: "running",
      });
      assert.equal(new Date(startedAt).toISOString(), startedAt);
      assert.match(runId, /^[0-9a-f-]{36}$/);

      const refused = (error: Error) => {
        assert.ok(error instanceof BirdsongError);
        const where =
          `birds_stream is running already in process ${other.pid} since ${startedAt}: `;
        assert.ok(error.message.startsWith(where), error.message);
        assert.match(error.message, /stopAllStreams/);
        assert.equal(error.context.pid, other.pid);
        return true;
      };
      await assert.rejects(takeBirds(session, source), refused);
      assert.deepEqual(runningQueries(folder), [query], "a refusal changes nothing");

      await assert.rejects(clearPreviousRun(session, ["birds"]), (error: Error) => {
        assert.ok(error instanceof BirdsongError);
        assert.ok(error.message.includes(`birds_stream (process ${other.pid} on ${hostname()})`));
        assert.match(error.message, /Stop them first.*stopAllStreams/);
        return true;
      });
      assert.equal(await session.lake.count("birds"), 1, "nothing was dropped");

      const stopped = stopAllStreams(session);
      // The request must outlive another try to start the query.
      await assert.rejects(takeBirds(session, source), refused);
      assert.deepEqual(await stopped, ["birds_stream"]);
      await other.prints("ended");
      assert.equal(await other.ends(), 0);
    } finally {
      await other.kill();
    }
    assert.deepEqual(runningQueries(folder), []);
    assert.deepEqual(readdirSync(join(folder, "running")), [], "nothing is left behind");
    writeLines(source, "b.json", { name: "owl" });
    await takeBirds(session, source);
    assert.equal(await session.lake.count("birds"), 2);
  });
});

Deno.test("a query whose process was killed is dead, and another one can go on with it", async () => {
  await withSession(async (session, source) => {
    const { folder } = session.lake;
    writeLines(source, "a.json", { name: "wren" });
    const other = new OtherProcess(folder, source);
    await other.prints("batch 0");
    await other.kill();
    const [{ name, pid, state, here }] = runningQueries(folder);
    assert.deepEqual({ name, pid, state, here }, {
      name: "birds_stream",
      pid: other.pid,
      state: "dead",
      here: false,
    });
    assert.deepEqual(await stopAllStreams(session), [], "there is nothing to wait for");
    writeLines(source, "b.json", { name: "owl" });
    const query = await takeBirds(session, source);
    assert.deepEqual(query.recentProgress.map(({ batchId }) => batchId), [1]);
    assert.equal(await session.lake.count("birds"), 2);
    assert.deepEqual(runningQueries(folder), []);
  });
});

Deno.test("a query of this process is listed as such, and gone when it ends", async () => {
  await withSession(async (session, source) => {
    const { folder } = session.lake;
    const query = await runBirds(session, source);
    const [{ pid, here, state, runId }] = runningQueries(folder);
    assert.deepEqual([pid, here, state, runId], [process.pid, true, "running", query.runId]);
    await query.stop();
    assert.deepEqual(runningQueries(folder), []);
    await assert.rejects(takeBirds(session, `${source}/nowhere`), /cannot list/);
    assert.deepEqual(runningQueries(folder), [], "neither is one that could not start");
  });
});

Deno.test("all streams of a lake are stopped, also those of another session of this process", async () => {
  await withSession(async (session, source) => {
    const { folder } = session.lake;
    const other = await Session.open(folder);
    const theirs = await runBirds(other, source);
    const ours = await session.readStream.table("birds").transform(birdNames)
      .writeStream.queryName("names_stream").trigger({ processingTime: "50 ms" }).toTable("names");
    assert.deepEqual(await stopAllStreams(session), ["birds_stream", "names_stream"]);
    for (const query of [ours, theirs]) {
      assert.equal(query.isActive, false);
      assert.equal(query.exception, undefined);
    }
    assert.deepEqual(await stopAllStreams(session), []);
    await other.close();
  });
});

const birdNames = {
  schema: { name: "VARCHAR" },
  apply: ({ relation }: { relation: string }) => `SELECT name FROM ${relation}`,
};

Deno.test("a process that is heard of no more is taken for dead, on whatever machine it runs", async () => {
  await withSession(async (session, source) => {
    const { folder } = session.lake;
    const startedAt = "2026-01-01T00:00:00.000Z";
    const mark = { name: "birds_stream", runId: "r", pid: 1, host: "elsewhere", startedAt };
    writeMark(folder, JSON.stringify(mark), 0);
    assert.deepEqual(runningQueries(folder), [{ ...mark, here: false, state: "running" }]);
    await assert.rejects(takeBirds(session, source), /already in process 1 since 2026-01-01T00/);
    writeMark(folder, JSON.stringify(mark), 60);
    assert.deepEqual(runningQueries(folder), [{ ...mark, here: false, state: "dead" }]);
    await takeBirds(session, source);
  });
});

Deno.test("a mark that a process could not write to its end holds nobody up for long", async () => {
  await withSession(async (session, source) => {
    const { folder } = session.lake;
    for (const text of ["", '{"name":"bi']) {
      writeMark(folder, text, 0);
      assert.deepEqual(runningQueries(folder), []);
      await assert.rejects(
        takeBirds(session, source),
        /^\w+: birds_stream is running already in another process: /,
      );
      writeMark(folder, text, 60);
      await takeBirds(session, source);
    }
  });
});
