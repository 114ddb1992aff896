import assert from "node:assert/strict";
import type { Session } from "../../lib/streaming/session.ts";
import type { StreamingQuery } from "../../lib/streaming/streaming_query.ts";
import type { Transform } from "../../lib/streaming/transform.ts";
import type { Trigger } from "../../lib/streaming/triggers/trigger.ts";
import { gate } from "./gate.ts";
import { ManualClock } from "./triggers/manual_clock.ts";
import { birds, rawBird, takeBirds, withSession, writeLines } from "./with_session.ts";

interface Start {
  name?: string;
  transform?: Transform;
  trigger?: Trigger;
}

function start(session: Session, source: string, options: Start = {}): Promise<StreamingQuery> {
  const { name = "birds", transform = birds, trigger = { processingTime: "1 second" } } = options;
  return session.readStream.schema(rawBird).json(source).transform(transform)
    .writeStream.queryName(`${name}_stream`).trigger(trigger).toTable(name);
}

const fails: Transform = { ...birds, apply: () => Promise.reject(new Error("it broke")) };

Deno.test("a running query is found by its name and by its id", async () => {
  await withSession(async (session, source) => {
    const { streams } = session;
    const query = await start(session, source);
    const other = await start(session, source, { name: "others" });
    assert.deepEqual(streams.active, [query, other]);
    for (const key of [query.name, query.id]) assert.equal(streams.get(key), query);
    for (const key of ["birds", query.runId, ""]) assert.equal(streams.get(key), undefined);
    await query.stop();
    assert.deepEqual(streams.active, [other]);
    for (const key of [query.name, query.id]) assert.equal(streams.get(key), undefined);
    const again = await start(session, source);
    assert.equal(streams.get(query.id), again, "the id of every run");
  });
});

Deno.test("listeners hear of a query's start, progress and end", async () => {
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren" });
    const heard: unknown[] = [];
    let started: StreamingQuery | undefined;
    session.streams.addListener({
      onQueryStarted: (event) => {
        started = session.streams.get(event.name);
        heard.push(["started", event]);
      },
      onQueryProgress: (progress) => heard.push(["progress", progress]),
      onQueryTerminated: (event) => {
        assert.equal(session.streams.get(event.name), undefined);
        heard.push(["terminated", event]);
      },
    });
    const query = await start(session, source, { trigger: { availableNow: true } });
    const { id, runId, name } = query;
    const start0 = ["started", { id, runId, name, timestamp: "2026-01-01T00:00:00.000Z" }];
    assert.deepEqual(heard, [start0], "before start gives the query");
    assert.equal(started, query);
    await query.awaitTermination();
    const end = ["terminated", { id, runId, name, exception: undefined }];
    assert.deepEqual(heard, [start0, ["progress", query.lastProgress], end]);

    heard.length = 0;
    writeLines(source, "b.json", { name: "owl" });
    const failed = await start(session, source, { transform: fails });
    await assert.rejects(failed.awaitTermination());
    assert.deepEqual(heard.slice(1), [
      ["terminated", { id, runId: failed.runId, name, exception: failed.exception }],
    ]);
  }, { clock });
});

Deno.test("listeners hear at most every ten seconds that a query is idle", async () => {
  const clock = new ManualClock();
  await withSession(async (session, source) => {
    const idle: { at: number; id: string; runId: string }[] = [];
    session.streams.addListener({
      onQueryIdle: ({ id, runId, timestamp }) => {
        idle.push({ id, runId, at: Date.parse(timestamp) / 1000 });
      },
    });
    const query = await start(session, source, { trigger: { processingTime: "4 seconds" } });
    while (clock.now() < 60_000) {
      await clock.sleeping();
      // A batch at second 28.
      if (clock.now() === 24_000) writeLines(source, "a.json", { name: "wren" });
      clock.advance(4000);
    }
    await clock.sleeping();
    const { id, runId } = query;
    assert.equal(query.recentProgress.length, 1);
    assert.deepEqual(idle, [12, 24, 40, 52].map((at) => ({ id, runId, at })));
    await query.stop();
  }, { clock });
});

Deno.test("a listener's error ends neither the query nor what other listeners hear", async () => {
  const printed: unknown[][] = [];
  const print = console.error;
  console.error = (...words) => printed.push(words);
  try {
    await withSession(async (session, source) => {
      writeLines(source, "a.json", { name: "wren" });
      const fail = () => {
        throw new Error("of a listener");
      };
      session.streams.addListener({
        onQueryStarted: fail,
        onQueryProgress: async () => {
          await Promise.resolve();
          fail();
        },
        onQueryTerminated: fail,
      });
      const heard: string[] = [];
      session.streams.addListener({ onQueryTerminated: ({ name }) => heard.push(name) });
      const query = await takeBirds(session, source);
      assert.equal(query.recentProgress.length, 1);
      assert.deepEqual(heard, ["birds_stream"]);
    });
  } finally {
    console.error = print;
  }
  const failed = ["a streaming query listener failed:", new Error("of a listener")];
  assert.deepEqual(printed, [failed, failed, failed]);
});

Deno.test("a listener hears no more once it is removed", async () => {
  await withSession(async (session, source) => {
    const heard: string[] = [];
    const remove = session.streams.addListener({
      onQueryProgress: ({ name, batchId }) => heard.push(`${name} ${batchId}`),
      onQueryTerminated: ({ name, exception }) => heard.push(`${name} ${exception}`),
    });
    writeLines(source, "a.json", { name: "wren" });
    await takeBirds(session, source);
    remove();
    writeLines(source, "b.json", { name: "owl" });
    await takeBirds(session, source);
    assert.deepEqual(heard, ["birds_stream 0", "birds_stream undefined"]);
  });
});

Deno.test("a listener may stop a query that it hears has started", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren" });
    let stopped: Promise<void> | undefined;
    session.streams.addListener({
      onQueryStarted: ({ id }) => void (stopped = session.streams.get(id)?.stop()),
    });
    const query = await start(session, source);
    await stopped;
    assert.equal(query.isActive, false);
    assert.equal(query.status.message, "Stopped");
    assert.equal(await session.lake.count("birds"), 0);
  });
});

Deno.test("a listener may start a query again that it hears has ended", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren" });
    let again: Promise<StreamingQuery> | undefined;
    session.streams.addListener({
      onQueryTerminated: () => void (again ??= start(session, source)),
    });
    const first = await start(session, source, { trigger: { availableNow: true } });
    await first.awaitTermination();
    const second = await again!;
    assert.deepEqual(session.streams.active, [second]);
    assert.equal(second.id, first.id);
    await second.stop();
  });
});

Deno.test("awaitAnyTermination tells of the first query that ends, until it is reset", async () => {
  await withSession(async (session, source) => {
    const { streams } = session;
    assert.equal(await streams.awaitAnyTermination(1), false, "no query");
    const query = await start(session, source);
    const other = await start(session, source, { name: "others" });
    assert.equal(await streams.awaitAnyTermination(1), false, "no end");
    const waiting = streams.awaitAnyTermination();
    await query.stop();
    assert.equal(await waiting, true);
    assert.equal(await streams.awaitAnyTermination(), true, "one that has ended counts");
    streams.resetTerminated();
    assert.equal(await streams.awaitAnyTermination(1), false);
    await other.stop();
    assert.equal(await streams.awaitAnyTermination(60_000), true);
    streams.resetTerminated();
    await assert.rejects(streams.awaitAnyTermination(0), /timeoutMs must be greater than 0/);
  });
});

Deno.test("awaitAnyTermination throws the error of a query that failed, though others end well", async () => {
  await withSession(async (session, source) => {
    const { streams } = session;
    writeLines(source, "a.json", { name: "wren" });
    const { transform, begun } = gate();
    const query = await start(session, source, { transform });
    const bad = await start(session, source, { name: "bad", transform: fails });
    const waiting = assert.rejects(streams.awaitAnyTermination(), /bad_stream failed in batch 0/);
    await assert.rejects(bad.awaitTermination());
    await waiting;
    await begun;
    await query.stop();
    await assert.rejects(streams.awaitAnyTermination(), /bad_stream failed in batch 0/);
    streams.resetTerminated();
    assert.equal(await streams.awaitAnyTermination(1), false);
  });
});
