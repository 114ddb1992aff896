import assert from "node:assert/strict";
import { join } from "node:path";
import { BirdsongError } from "../../lib/errors.ts";
import { readProgress } from "../../lib/streaming/checkpoint.ts";
import type { DataStreamWriter } from "../../lib/streaming/data_stream_writer.ts";
import { Session } from "../../lib/streaming/session.ts";
import type { Transform } from "../../lib/streaming/transform.ts";
import { withFolder } from "../lakehouse/with_lake.ts";
import { batchesOf, birds, rawBird, takeBirds, withSession, writeLines } from "./with_session.ts";

/** The stream of all birds, before it starts. */
function writer(session: Session, source: string, transform = birds): DataStreamWriter {
  return session.readStream.schema(rawBird).options({ maxFilesPerTrigger: 1 }).json(source)
    .transform(transform).writeStream.queryName("birds_stream").trigger({ availableNow: true });
}

/** A transform that does not go on before `open` is called, and says when it has begun. */
function gate(): { transform: Transform; begun: Promise<void>; open(): void } {
  const begun = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  return {
    begun: begun.promise,
    open: opened.resolve,
    transform: {
      ...birds,
      apply: async (batch) => {
        begun.resolve();
        const stopped = Promise.withResolvers<never>();
        batch.signal.addEventListener("abort", () => stopped.reject(batch.signal.reason));
        await Promise.race([opened.promise, stopped.promise]);
        return await birds.apply(batch);
      },
    },
  };
}

/** Waits until the query has committed so many batches. */
async function untilBatches(session: Session, count: number): Promise<void> {
  const reached = Promise.withResolvers<void>();
  let seen = 0;
  const remove = session.streams.addListener({
    onQueryProgress: () => {
      if (++seen === count) reached.resolve();
    },
  });
  await reached.promise;
  remove();
}

Deno.test("a progress record has the fields of Spark's, and its figures add up", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren", songs: 1 }, { name: null }, { songs: 2 });
    writeLines(source, "b.json", { name: "owl" });
    Deno.writeTextFileSync(join(source, "b.json"), "broken\n", { append: true });
    const named: Transform = {
      schema: { name: "VARCHAR" },
      setAside: {
        corruptRecords: "_corrupt_record IS NOT NULL",
        nameless: "_corrupt_record IS NULL AND name IS NULL",
        // Neither true nor false for a bird whose songs are not known: it stays.
        loud: "songs > 100",
      },
      observe: { longest: "max(length(name))" },
      apply: ({ relation }) => `SELECT name FROM ${relation}`,
    };
    const query = await session.readStream.schema(rawBird).json(source).transform(named)
      .writeStream.queryName("birds_stream").trigger({ availableNow: true }).toTable("birds");
    await query.awaitTermination();
    const progress = query.lastProgress!;
    assert.deepEqual(Object.keys(progress), [
      "id",
      "runId",
      "name",
      "timestamp",
      "batchId",
      "batchDuration",
      "numInputRows",
      "inputRowsPerSecond",
      "processedRowsPerSecond",
      "durationMs",
      "observedMetrics",
      "sources",
      "sink",
    ]);
    assert.equal(progress.id, query.id);
    assert.equal(progress.runId, query.runId);
    assert.equal(progress.name, "birds_stream");
    assert.equal(new Date(progress.timestamp).toISOString(), progress.timestamp);
    assert.equal(progress.numInputRows, 5);
    assert.deepEqual(progress.sink, { description: "DuckLakeSink[birds]", numOutputRows: 2 });
    const { corruptRecords, nameless } = progress.observedMetrics;
    assert.deepEqual(progress.observedMetrics, {
      corruptRecords: 1,
      nameless: 2,
      loud: 0,
      rescuedRecords: 0,
      longest: 4,
    });
    const setAside = Number(corruptRecords) + Number(nameless);
    assert.equal(progress.numInputRows, progress.sink.numOutputRows + setAside);
    const { triggerExecution, ...steps } = progress.durationMs;
    assert.equal(triggerExecution, progress.batchDuration);
    for (const value of Object.values(progress.durationMs)) assert.ok(value >= 0);
    const sum = Object.values(steps).reduce((sum, ms) => sum + ms);
    // Each step is rounded to a millisecond.
    assert.ok(sum <= triggerExecution + 5, JSON.stringify(progress.durationMs));
    const rate = 1000 * progress.numInputRows / Math.max(1, progress.batchDuration);
    assert.ok(Math.abs(progress.processedRowsPerSecond - rate) < 1e-6);
  });
});

Deno.test("the records that are kept are those that the query told", async () => {
  await withSession(async (session, source) => {
    for (const name of ["a", "b", "c"]) writeLines(source, `${name}.json`, { name });
    const query = await takeBirds(session, source, 1);
    assert.equal(query.recentProgress.length, 3);
    const kept = await readProgress(session.lake, "birds_stream");
    assert.deepEqual(kept, query.recentProgress);
    assert.deepEqual(await readProgress(session.lake), kept);
    assert.deepEqual(await readProgress(session.lake, "other_stream"), []);
    const ids = await session.sql("SELECT DISTINCT id FROM checkpoint.queries");
    assert.deepEqual(ids, [{ id: query.id }]);
  });
});

Deno.test("a query has a name, made of letters, digits and _", async () => {
  await withSession((session, source) => {
    const stream = () =>
      session.readStream.schema(rawBird).json(source).transform(birds).writeStream;
    for (const name of ["", "1", "a b", "a-b", 'x"; DROP TABLE birds; --', "é"]) {
      assert.throws(() => stream().queryName(name), /a query name must be letters/);
    }
    assert.throws(() => stream().toTable("birds"), /needs queryName/);
    return Promise.resolve();
  });
});

Deno.test("what is missing or wrong in a stream is said before it starts", async () => {
  await withSession((session, source) => {
    const { streams } = session;
    assert.throws(() => session.readStream.json(source), /needs schema/);
    assert.throws(
      () => session.readStream.schema(rawBird).json(source).writeStream,
      /needs transform/,
    );
    for (const value of [0, -1, 1.5, NaN]) {
      assert.throws(
        () => session.readStream.options({ maxFilesPerTrigger: value }),
        new RegExp(`maxFilesPerTrigger must be a whole number of at least 1, but is ${value}`),
      );
    }
    assert.throws(
      () => writer(session, source).trigger({ processingTime: "soon" }),
      /processingTime must be/,
    );
    assert.deepEqual(streams.active, []);
    return Promise.resolve();
  });
});

Deno.test("a query name runs only once at a time", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren" });
    const { transform, open, begun } = gate();
    const starts = await Promise.allSettled([
      writer(session, source, transform).toTable("birds"),
      writer(session, source, transform).toTable("birds"),
    ]);
    const [query] = starts.flatMap((start) => start.status === "fulfilled" ? [start.value] : []);
    const [refused] = starts.flatMap((start) => start.status === "rejected" ? [start.reason] : []);
    assert.ok(refused instanceof BirdsongError);
    assert.match(
      refused.message,
      /^birds_stream is running already: a query name can run only once/,
    );
    await begun;
    await assert.rejects(writer(session, source).toTable("birds"), /is running already/);
    assert.deepEqual(session.streams.active, [query]);
    assert.equal(session.streams.get("birds_stream"), query);
    assert.equal(session.streams.get("other"), undefined);
    open();
    await query.awaitTermination();
    assert.deepEqual(session.streams.active, []);
    assert.deepEqual(batchesOf(await takeBirds(session, source)), []);
    assert.equal(await session.lake.count("birds"), 1);
  });
});

Deno.test("two processes that run the same query all the same write no batch twice", async () => {
  await withSession(async (session, source) => {
    for (const name of ["a", "b", "c"]) writeLines(source, `${name}.json`, { name });
    const { transform, begun, open } = gate();
    const slow = await writer(session, source, transform).toTable("birds");
    await begun;
    // As where the mark has been taken for a dead process's.
    Deno.removeSync(join(session.lake.folder, "running", `birds_stream.${slow.runId}.json`));
    const other = await Session.open(session.lake.folder);
    const fast = await takeBirds(other, source, 1);
    open();
    await assert.rejects(slow.awaitTermination(), (error: Error) => {
      assert.ok(error instanceof BirdsongError);
      assert.match(
        error.message,
        /^birds_stream runs in another process too.*nothing was written twice/,
      );
      return true;
    });
    assert.equal(batchesOf(fast).length, 3);
    assert.deepEqual(batchesOf(slow), []);
    assert.deepEqual(
      await session.sql("SELECT name FROM birds ORDER BY name"),
      ["a", "b", "c"].map((name) => ({ name })),
    );
    await other.close();
  });
});

Deno.test("an error ends the query, and awaitTermination throws it", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren" });
    writeLines(source, "b.json", { name: "owl" });
    const ended: [string, string | undefined][] = [];
    session.streams.addListener({
      onQueryTerminated: ({ name, exception }) => ended.push([name, exception?.message]),
    });
    const fails: Transform = {
      ...birds,
      apply: (batch) => {
        if (batch.id === 1) throw new TypeError("it broke");
        return birds.apply(batch);
      },
    };
    const query = await writer(session, source, fails).toTable("birds");
    const message = "birds_stream failed in batch 1: it broke";
    await assert.rejects(query.awaitTermination(), (error: Error) => {
      assert.ok(error instanceof BirdsongError);
      assert.equal(error.message, message);
      assert.ok(error.cause instanceof TypeError);
      assert.deepEqual(error.context, { query: "birds_stream", batchId: 1 });
      return true;
    });
    await assert.rejects(query.awaitTermination(1), { message });
    assert.equal(query.isActive, false);
    assert.equal(query.exception?.message, message);
    assert.deepEqual(ended, [["birds_stream", message]]);
    assert.deepEqual(batchesOf(query), [{ batchId: 0, in: 1, out: 1 }], "what came before stands");
    const again = await takeBirds(session, source);
    assert.deepEqual(batchesOf(again), [{ batchId: 1, in: 1, out: 1 }]);
    assert.equal(again.id, query.id);
    assert.notEqual(again.runId, query.runId);
    assert.equal(again.exception, undefined);
  });
});

Deno.test("stop ends a query without an error, and gives up the batch in progress", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren" });
    const { transform, begun } = gate();
    const query = await writer(session, source, transform).toTable("birds");
    await begun;
    assert.equal(query.isActive, true);
    assert.equal(await query.awaitTermination(1), false, "still running");
    await query.stop();
    assert.equal(query.isActive, false);
    assert.equal(query.exception, undefined);
    assert.equal(await query.awaitTermination(), true);
    await query.stop();
    assert.equal(await session.lake.count("birds"), 0);
    await takeBirds(session, source);
    assert.equal(await session.lake.count("birds"), 1);
  });
});

Deno.test("stop with a reason makes awaitTermination throw it", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren" });
    const { transform, begun } = gate();
    const query = await writer(session, source, transform).toTable("birds");
    const waiting = assert.rejects(query.awaitTermination(), /interrupted/);
    await begun;
    await session.streams.stopAll(new Error("interrupted"));
    await waiting;
    assert.match(query.exception!.message, /interrupted/);
  });
});

Deno.test("a query with an interval takes what comes, and makes no batch of nothing", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren" });
    const query = await writer(session, source).trigger({ processingTime: "5 ms" }).toTable(
      "birds",
    );
    await untilBatches(session, 1);
    const more = untilBatches(session, 2);
    writeLines(source, "b.json", { name: "owl" });
    writeLines(source, "c.json", { name: "robin" });
    await more;
    await query.awaitTermination(50);
    assert.equal(query.isActive, true);
    await query.stop();
    assert.deepEqual(batchesOf(query), [0, 1, 2].map((batchId) => ({ batchId, in: 1, out: 1 })));
    assert.equal(query.exception, undefined);
    assert.equal(await session.lake.count("birds"), 3);
  });
});

Deno.test("a stop does not wait for the interval", async () => {
  await withSession(async (session, source) => {
    const query = await writer(session, source).trigger({ processingTime: "60 minutes" })
      .toTable("birds");
    await query.stop();
    assert.equal(query.isActive, false);
  });
});

Deno.test("once takes everything in one batch, whatever the limits say", async () => {
  await withSession(async (session, source) => {
    for (const name of ["a", "b", "c"]) writeLines(source, `${name}.json`, { name });
    const query = await writer(session, source).trigger({ once: true }).toTable("birds");
    await query.awaitTermination();
    assert.deepEqual(batchesOf(query), [{ batchId: 0, in: 3, out: 3 }]);
  });
});

Deno.test("availableNow takes what was there at the start", async () => {
  await withSession(async (session, source) => {
    for (const name of ["a", "b"]) writeLines(source, `${name}.json`, { name });
    const { transform, begun, open } = gate();
    const query = await writer(session, source, transform).toTable("birds");
    await begun;
    writeLines(source, "c.json", { name: "c" });
    open();
    await query.awaitTermination();
    assert.deepEqual(batchesOf(query).map((batch) => batch.in), [1, 1]);
    assert.deepEqual(batchesOf(await takeBirds(session, source)).map((batch) => batch.in), [1]);
  });
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

Deno.test("a session that is closed stops its queries first", async () => {
  await withFolder(async (folder) => {
    const source = join(folder, "source");
    writeLines(source, "a.json", { name: "wren" });
    const session = await Session.open(join(folder, "lake"));
    const query = await writer(session, source).trigger({ processingTime: "60 minutes" })
      .toTable("birds");
    await session.close();
    assert.equal(query.isActive, false);
    assert.equal(query.exception, undefined);
  });
});
