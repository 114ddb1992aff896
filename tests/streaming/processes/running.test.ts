import assert from "node:assert/strict";
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { BirdsongError } from "../../../lib/errors.ts";
import { clearPreviousRun } from "../../../lib/streaming/processes/clear.ts";
import { thisProcess } from "../../../lib/streaming/processes/process_id.ts";
import { readRuns } from "../../../lib/streaming/processes/running.ts";
import { Session } from "../../../lib/streaming/session.ts";
import { commitSql } from "../../lakehouse/with_lake.ts";
import { OtherProcess } from "../other_process.ts";
import { birds, rawBird, takeBirds, withSession, writeLines } from "../with_session.ts";

/** Starts the stream of birds without an end. */
function runBirds(session: Session, source: string) {
  return session.readStream.schema(rawBird).json(source).transform(birds)
    .writeStream.queryName("birds_stream").trigger({ processingTime: "50 ms" }).toTable("birds");
}

/** Writes a mark as a run leaves it that is not ours, last touched so many seconds ago. */
function writeMark(lake: string, runId: string, text: string, secondsAgo: number): void {
  const file = join(lake, "running", `birds_stream.${runId}.json`);
  mkdirSync(join(lake, "running"), { recursive: true });
  writeFileSync(file, text);
  const then = new Date(Date.now() - secondsAgo * 1000);
  utimesSync(file, then, then);
}

Deno.test("a query that runs in another process is listed, runs only once, and stops on request", async () => {
  await withSession(async (session, source) => {
    const { folder } = session.lake;
    assert.deepEqual(readRuns(folder), []);
    writeLines(source, "a.json", { name: "wren" });
    const other = new OtherProcess(folder, source);
    try {
      await other.prints("started");
      await other.prints("batch 0");
      const [query, ...more] = readRuns(folder);
      assert.deepEqual(more, []);
      const { startedAt, runId, ...rest } = query;
      assert.deepEqual(rest, {
        name: "birds_stream",
        pid: other.pid,
        host: hostname(),
        here: false,
        state: "running",
        error: null,
      });
      assert.equal(new Date(startedAt).toISOString(), startedAt);
      assert.match(runId, /^[0-9a-f-]{36}$/);

      await assert.rejects(takeBirds(session, source), (error: Error) => {
        assert.ok(error instanceof BirdsongError);
        const where =
          `birds_stream is running already in process ${other.pid} on ${hostname()} since ${startedAt}: `;
        assert.ok(error.message.startsWith(where), error.message);
        assert.match(error.message, /stopAllStreams/);
        assert.equal(error.context.pid, other.pid);
        return true;
      });
      assert.deepEqual(readRuns(folder), [query], "a refusal changes nothing");

      await assert.rejects(clearPreviousRun(session, ["birds"]), (error: Error) => {
        assert.ok(error instanceof BirdsongError);
        assert.ok(error.message.includes(`birds_stream (process ${other.pid} on ${hostname()})`));
        assert.match(error.message, /Stop them first.*stopAllStreams/);
        return true;
      });
      assert.equal(await session.lake.count("birds"), 1, "nothing was dropped");

      assert.deepEqual(await session.stopAllStreams(), ["birds_stream"]);
      await other.prints("ended");
      assert.equal(await other.ends(), 0);
    } finally {
      await other.kill();
    }
    assert.deepEqual(readRuns(folder), []);
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
    const [{ name, pid, state, here }] = readRuns(folder);
    assert.deepEqual({ name, pid, state, here }, {
      name: "birds_stream",
      pid: other.pid,
      state: "dead",
      here: false,
    });
    assert.deepEqual(await session.stopAllStreams(), [], "there is nothing to wait for");
    writeLines(source, "b.json", { name: "owl" });
    const query = await takeBirds(session, source);
    assert.deepEqual(query.recentProgress.map(({ batchId }) => batchId), [1]);
    assert.equal(await session.lake.count("birds"), 2);
    assert.deepEqual(readRuns(folder), []);
  });
});

Deno.test("a query of this process is listed as such, and gone when it ends", async () => {
  await withSession(async (session, source) => {
    const { folder } = session.lake;
    const query = await runBirds(session, source);
    const [{ pid, here, state, runId }] = readRuns(folder);
    assert.deepEqual([pid, here, state, runId], [process.pid, true, "running", query.runId]);
    await query.stop();
    assert.deepEqual(readRuns(folder), []);
  });
});

Deno.test("all streams of a lake are stopped, also those of another session of this process", async () => {
  await withSession(async (session, source) => {
    const { folder } = session.lake;
    const other = await Session.open(folder);
    const theirs = await runBirds(other, source);
    const ours = await session.readStream.table("birds").transform(birdNames)
      .writeStream.queryName("names_stream").trigger({ processingTime: "50 ms" }).toTable("names");
    assert.deepEqual(await session.stopAllStreams(), ["birds_stream", "names_stream"]);
    for (const query of [ours, theirs]) {
      assert.equal(query.isActive, false);
      assert.equal(query.exception, undefined);
    }
    assert.deepEqual(await session.stopAllStreams(), []);
    await other.close();
  });
});

const birdNames = {
  schema: { name: "VARCHAR" },
  apply: ({ relation }: { relation: string }) => `SELECT name FROM ${relation}`,
};

Deno.test("a query that fails is listed with its error's first line until it is started again", async () => {
  await withSession(async (session, source) => {
    const { folder } = session.lake;
    writeLines(source, "a.json", { name: "wren" });
    const hostile = '<b>"it\'s" \u001b[31m😀\ud800';
    const fails = {
      ...birds,
      apply: () => {
        throw new Error(`${hostile}\nsecond line`);
      },
    };
    const start = (transform: typeof birds) =>
      session.readStream.schema(rawBird).json(source).transform(transform)
        .writeStream.queryName("birds_stream").trigger({ availableNow: true }).toTable("birds");
    const query = await start(fails);
    await assert.rejects(query.awaitTermination());
    const [{ name, runId, state, error }, ...more] = readRuns(folder);
    assert.deepEqual(more, []);
    assert.deepEqual([name, runId, state], ["birds_stream", query.runId, "failed"]);
    assert.equal(error, `birds_stream failed in batch 0: ${hostile}`);
    assert.deepEqual(await session.stopAllStreams(), [], "there is nothing to stop");

    await assert.rejects(takeBirds(session, `${source}/nowhere`), /cannot list/);
    const [again] = readRuns(folder);
    assert.equal(again.state, "failed");
    assert.match(again.error!, /cannot list/);

    await takeBirds(session, source);
    assert.deepEqual(readRuns(folder), []);
  });
});

Deno.test("clearing the previous run forgets the streams that failed or died", async () => {
  await withSession(async (session, source) => {
    const { folder } = session.lake;
    await assert.rejects(takeBirds(session, `${source}/nowhere`), /cannot list/);
    writeMark(folder, "r", '{"name":"bi', 60);
    assert.equal(readRuns(folder).length, 1);
    await clearPreviousRun(session, ["birds"]);
    assert.deepEqual(readdirSync(join(folder, "running")), []);
  });
});

/** A run on a machine that is not this one, which may have the same name. */
const elsewhere = {
  name: "birds_stream",
  runId: "r",
  pid: 4_194_305, // More than Linux gives.
  host: hostname(),
  startedAt: "2026-01-01T00:00:00.000Z",
  error: null,
};

Deno.test("a run on another machine is alive as long as it is heard of", async () => {
  await withSession(async (session, source) => {
    const { folder } = session.lake;
    await takeBirds(session, source);
    await commitSql(session.lake, "UPDATE checkpoint.queries SET run_id = 'r'");
    const mark = JSON.stringify({ ...elsewhere, pidSpace: "another boot, another container" });
    writeMark(folder, "r", mark, 0);
    assert.deepEqual(readRuns(folder), [{ ...elsewhere, here: false, state: "running" }]);
    await assert.rejects(
      takeBirds(session, source),
      /already in process 4194305 on .* since 2026-01-01T00/,
    );
    for (const [secondsAgo, state] of [[10, "running"], [16, "dead"]] as const) {
      writeMark(folder, "r", mark, secondsAgo);
      assert.deepEqual(readRuns(folder), [{ ...elsewhere, here: false, state }]);
    }
    await takeBirds(session, source);
    assert.deepEqual(readRuns(folder), []);
  });
});

Deno.test("a run of this machine whose process is gone is dead at once", async () => {
  await withSession((session) => {
    const { pidSpace } = thisProcess();
    writeMark(session.lake.folder, "r", JSON.stringify({ ...elsewhere, pidSpace }), 0);
    assert.deepEqual(readRuns(session.lake.folder).map(({ state }) => state), ["dead"]);
    return Promise.resolve();
  });
});

Deno.test("a mark that a process could not write to its end holds nobody up, and goes in time", async () => {
  await withSession(async (session, source) => {
    const { folder } = session.lake;
    writeMark(folder, "new", "", 0);
    writeMark(folder, "old", '{"name":"bi', 60);
    assert.deepEqual(readRuns(folder), []);
    await takeBirds(session, source);
    assert.deepEqual(readdirSync(join(folder, "running")), ["birds_stream.new.json"]);
  });
});
