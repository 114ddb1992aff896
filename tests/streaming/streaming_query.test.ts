import assert from "node:assert/strict";
import { join } from "node:path";
import { BirdsongError } from "../../lib/errors.ts";
import type { Connection } from "../../lib/lakehouse/connection.ts";
import type { DataStreamWriter } from "../../lib/streaming/data_stream_writer.ts";
import { Session } from "../../lib/streaming/session.ts";
import { TableSink } from "../../lib/streaming/sink.ts";
import type {
  LoadedBatch,
  SourceContext,
  StreamSource,
} from "../../lib/streaming/sources/source.ts";
import type { StreamingQuery } from "../../lib/streaming/streaming_query.ts";
import type { Transform } from "../../lib/streaming/transform.ts";
import type { Trigger } from "../../lib/streaming/triggers/trigger.ts";
import { withFolder } from "../lakehouse/with_lake.ts";
import { gate } from "./gate.ts";
import { ManualClock } from "./triggers/manual_clock.ts";
import { batchesOf, birds, rawBird, takeBirds, withSession, writeLines } from "./with_session.ts";

/** The stream of all birds, before it starts. */
function writer(session: Session, source: string, transform = birds): DataStreamWriter {
  return session.readStream.schema(rawBird).options({ maxFilesPerTrigger: 1 }).json(source)
    .transform(transform).writeStream.queryName("birds_stream").trigger({ availableNow: true });
}

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
    assert.throws(
      () => writer(session, source).trigger({ continuous: "1 second" } as unknown as Trigger),
      /a trigger must be one of/,
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

Deno.test("a stop also gives up a batch whose transform takes no notice of it", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren" });
    const begun = Promise.withResolvers<void>();
    const opened = Promise.withResolvers<void>();
    const deaf: Transform = {
      ...birds,
      apply: async (batch) => {
        begun.resolve();
        await opened.promise;
        return birds.apply(batch);
      },
    };
    const query = await writer(session, source, deaf).toTable("birds");
    await begun.promise;
    const stopping = query.stop();
    opened.resolve();
    await stopping;
    assert.equal(query.exception, undefined);
    assert.deepEqual(batchesOf(query), []);
    assert.equal(await session.lake.count("birds"), 0);
  });
});

Deno.test("an error of a query that is being stopped is not hidden", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren" });
    const begun = Promise.withResolvers<void>();
    const fails: Transform = {
      ...birds,
      apply: async ({ signal }) => {
        begun.resolve();
        await new Promise((stopped) => signal.addEventListener("abort", stopped));
        throw new Error("it broke");
      },
    };
    const query = await writer(session, source, fails).toTable("birds");
    await begun.promise;
    await query.stop();
    assert.equal(query.exception?.message, "birds_stream failed in batch 0: it broke");
  });
});

Deno.test("what gives up something of its own in a transform ends the query with an error", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren" });
    const fails: Transform = {
      ...birds,
      apply: () => Promise.reject(new DOMException("no answer came", "AbortError")),
    };
    const query = await writer(session, source, fails).toTable("birds");
    await assert.rejects(query.awaitTermination(), /failed in batch 0: no answer came/);
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

/** Starts the stream of all birds with Spark's default trigger: as soon as possible. */
function startBirds(session: Session, source: string, transform = birds): Promise<StreamingQuery> {
  return session.readStream.schema(rawBird).options({ maxFilesPerTrigger: 1 }).json(source)
    .transform(transform).writeStream.queryName("birds_stream").toTable("birds");
}

Deno.test("a query without a trigger takes what comes until it is stopped, and makes no batch of nothing", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren" });
    const query = await startBirds(session, source);
    await query.processAllAvailable();
    assert.equal(await session.lake.count("birds"), 1);
    writeLines(source, "b.json", { name: "owl" });
    writeLines(source, "c.json", { name: "robin" });
    await query.processAllAvailable();
    await query.processAllAvailable();
    assert.equal(query.isActive, true);
    await query.stop();
    assert.deepEqual(batchesOf(query), [0, 1, 2].map((batchId) => ({ batchId, in: 1, out: 1 })));
    assert.equal(query.exception, undefined);
    assert.equal(await session.lake.count("birds"), 3);
  });
});

Deno.test("a query with an interval takes one batch at each of its times", async () => {
  const clock = new ManualClock(500);
  await withSession(async (session, source) => {
    for (const name of ["a", "b"]) writeLines(source, `${name}.json`, { name });
    const query = await writer(session, source).trigger({ processingTime: "1 second" })
      .toTable("birds");
    const counts: number[] = [];
    for (const time of [1000, 2000, 3000, 4000, 5000]) {
      assert.equal(await clock.sleeping(), time);
      counts.push(await session.lake.count("birds"));
      if (time === 3000) writeLines(source, "c.json", { name: "c" });
      clock.advance(time - clock.now());
    }
    assert.deepEqual(counts, [1, 2, 2, 3, 3]);
    await query.stop();
    assert.deepEqual(
      query.recentProgress.map(({ timestamp }) => Date.parse(timestamp)),
      [500, 1000, 3000],
    );
  }, { clock });
});

Deno.test("the status says what a query does", async () => {
  const clock = new ManualClock();
  await withSession(async (session, source) => {
    const { transform, begun, open } = gate();
    let first: unknown;
    session.streams.addListener({
      onQueryStarted: ({ id }) => first = session.streams.get(id)?.status,
    });
    const query = await writer(session, source, transform).trigger({ processingTime: "1 second" })
      .toTable("birds");
    const idle = { isDataAvailable: false, isTriggerActive: false };
    assert.deepEqual(first, { message: "Initializing StreamExecution", ...idle });
    assert.deepEqual(query.status, {
      message: `Getting offsets from FileStreamSource[${source}]`,
      isDataAvailable: false,
      isTriggerActive: true,
    });
    await clock.sleeping();
    assert.deepEqual(query.status, { message: "Waiting for data to arrive", ...idle });
    writeLines(source, "a.json", { name: "wren" });
    clock.advance(1000);
    await begun;
    const data = { isDataAvailable: true, isTriggerActive: true };
    assert.deepEqual(query.status, { message: "Processing new data", ...data });
    open();
    await clock.sleeping();
    const waiting = { isDataAvailable: true, isTriggerActive: false };
    assert.deepEqual(query.status, { message: "Waiting for next trigger", ...waiting });
    await query.stop();
    assert.deepEqual(query.status, { message: "Stopped", ...idle });
  }, { clock });
});

Deno.test("the status of a query that failed says why", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren" });
    const fails: Transform = { ...birds, apply: () => Promise.reject(new Error("it broke")) };
    const query = await startBirds(session, source, fails);
    await assert.rejects(query.awaitTermination());
    assert.deepEqual(query.status, {
      message: "Terminated with exception: birds_stream failed in batch 0: it broke",
      isDataAvailable: false,
      isTriggerActive: false,
    });
  });
});

/** A source of numbers, whose look a test can hold. */
class Numbers implements StreamSource {
  readonly description = "Numbers";
  readonly arrived: number[] = [];
  #connection!: Connection;
  #seen: number[] = [];
  onLook: () => Promise<void> = () => Promise.resolve();

  open({ connection }: SourceContext): Promise<void> {
    this.#connection = connection;
    return Promise.resolve();
  }
  async refresh(): Promise<void> {
    this.#seen = this.arrived.splice(0);
    await this.onLook();
  }
  async load(relation: string): Promise<LoadedBatch | undefined> {
    const rows = this.#seen.splice(0);
    if (rows.length === 0) return undefined;
    await this.#connection.run(
      `CREATE OR REPLACE TEMP TABLE ${relation} AS SELECT unnest([${rows}]) AS number`,
    );
    return { numInputRows: rows.length, endOffset: null, latestOffset: null };
  }
  isDataAvailable(): Promise<boolean> {
    return Promise.resolve(this.arrived.length > 0);
  }
  committed(): void {}
}

Deno.test("processAllAvailable waits for a look that sees all that is there when it is called", async () => {
  const clock = new ManualClock();
  await withSession(async (session) => {
    const source = new Numbers();
    const looking = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    source.onLook = () => {
      looking.resolve();
      return goOn.promise;
    };
    const query = await session.streams.start({
      name: "numbers_stream",
      source,
      transform: {
        schema: { number: "INTEGER" },
        apply: ({ relation }) => `SELECT number FROM ${relation}`,
      },
      sink: new TableSink("numbers", false),
      trigger: { processingTime: "1 second" },
    });
    await looking.promise;
    // Too late for the look that is going on, which will find nothing.
    source.arrived.push(1, 2);
    let done = false;
    const all = query.processAllAvailable().then(() => done = true);
    goOn.resolve();
    for (const time of [1000, 2000]) {
      assert.equal(await clock.sleeping(), time);
      assert.equal(done, false, `before ${time}`);
      clock.advance(1000);
    }
    await all;
    assert.equal(await session.lake.count("numbers"), 2);
    await query.stop();
  }, { clock });
});

Deno.test("processAllAvailable throws the query's error", async () => {
  await withSession(async (session, source) => {
    const fails: Transform = { ...birds, apply: () => Promise.reject(new Error("it broke")) };
    const query = await startBirds(session, source, fails);
    writeLines(source, "a.json", { name: "wren" });
    await assert.rejects(query.processAllAvailable(), /failed in batch 0: it broke/);
    await assert.rejects(query.processAllAvailable(), /failed in batch 0: it broke/);
  });
});

Deno.test("processAllAvailable ends with the query", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren" });
    const { transform, begun } = gate();
    const query = await startBirds(session, source, transform);
    await begun;
    const all = query.processAllAvailable();
    await query.stop();
    await all;
    await query.processAllAvailable();
    assert.equal(await session.lake.count("birds"), 0);
  });
});

Deno.test("a wait for the end needs a time that is positive", async () => {
  await withSession(async (session, source) => {
    const query = await startBirds(session, source);
    for (const timeout of [0, -1, NaN]) {
      const message = `timeoutMs must be greater than 0, but is ${timeout}`;
      await assert.rejects(query.awaitTermination(timeout), { message });
    }
    assert.equal(await query.awaitTermination(1), false);
    await query.stop();
    assert.equal(await query.awaitTermination(2 ** 40), true);
  });
});
