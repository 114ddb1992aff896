import assert from "node:assert/strict";
import type { EngineQuery } from "../../lib/streaming/engine.ts";
import type { StreamingQueryProgress } from "../../lib/streaming/progress.ts";
import { SparkQueryManager } from "../../lib/spark/query_manager.ts";

/** A query that the test drives: `commit` makes a batch, `end` ends it. */
function drivenQuery(name: string) {
  const recentProgress: StreamingQueryProgress[] = [];
  let isActive = true;
  let exception: Error | undefined;
  let end!: () => void;
  const ended = new Promise<void>((resolve) => end = resolve);
  const query = {
    id: `${name}'s id`,
    runId: "run",
    name,
    recentProgress,
    get isActive() {
      return isActive;
    },
    get exception() {
      return exception;
    },
    async awaitTermination() {
      await ended;
      if (exception) throw exception;
      return true;
    },
    stop(reason?: Error) {
      exception = reason;
      isActive = false;
      end();
      return ended;
    },
  } as unknown as EngineQuery;
  const commit = () => {
    const progress = { name, batchId: recentProgress.length };
    recentProgress.push(progress as StreamingQueryProgress);
  };
  return { query, commit };
}

function started(streams: SparkQueryManager, query: EngineQuery): Promise<EngineQuery> {
  return streams.start(query.name, () => Promise.resolve(query));
}

Deno.test("listeners hear of a query's start, its batches and its end before the one who awaits it", async () => {
  const streams = new SparkQueryManager({ append: () => Promise.resolve() });
  const heard: string[] = [];
  const remove = streams.addListener({
    onQueryStarted: ({ name }) => void heard.push(`${name} started`),
    onQueryProgress: ({ batchId }) => void heard.push(`batch ${batchId}`),
    onQueryTerminated: ({ exception }) => void heard.push(`ended: ${exception?.message}`),
  });
  const { query, commit } = drivenQuery("bronze_stream");
  await started(streams, query);
  assert.equal(streams.get("bronze_stream"), query);
  assert.equal(streams.get("bronze_stream's id"), query);
  const awaited = query.awaitTermination().catch(() => heard.push("awaited"));
  commit();
  commit();
  await streams.stopAll(new Error("stopped"));
  await awaited;
  assert.deepEqual(heard, [
    "bronze_stream started",
    "batch 0",
    "batch 1",
    "ended: stopped",
    "awaited",
  ]);
  assert.deepEqual(streams.active, []);
  remove();
  const other = drivenQuery("silver_stream");
  await started(streams, other.query);
  await other.query.stop();
  assert.equal(heard.length, 5, "a listener that is removed hears no more");
});

Deno.test("each batch's progress is written down once, and again where that failed", async () => {
  const written: number[] = [];
  let broken = true;
  const streams = new SparkQueryManager({
    append(records) {
      if (broken) return Promise.reject(new Error("no disk"));
      written.push(...records.map(({ batchId }) => batchId));
      return Promise.resolve();
    },
  });
  const { query, commit } = drivenQuery("bronze_stream");
  await started(streams, query);
  commit();
  await assert.rejects(streams.flush(), /no disk/);
  commit();
  broken = false;
  await streams.flush();
  commit();
  await query.stop();
  await streams.close();
  assert.deepEqual(written, [0, 1, 2]);
});

Deno.test("records of many days that could not be written stay, and are written in their order", async () => {
  let written: StreamingQueryProgress[] = [];
  let broken = true;
  const streams = new SparkQueryManager({
    append(records) {
      if (broken) return Promise.reject(new Error("no disk"));
      written = [...written, ...records];
      return Promise.resolve();
    },
  });
  const { query, commit } = drivenQuery("bronze_stream");
  await started(streams, query);
  const batches = 200_000;
  for (let batch = 0; batch < batches; batch++) commit();
  await assert.rejects(streams.flush(), /no disk/);
  broken = false;
  await query.stop();
  await streams.close();
  assert.equal(written.length, batches);
  assert.ok(written.every(({ batchId }, index) => batchId === index));
});

Deno.test("a listener's error ends neither the query nor what other listeners hear", async () => {
  const streams = new SparkQueryManager({ append: () => Promise.resolve() });
  const printed: unknown[] = [];
  const { error } = console;
  console.error = (...values: unknown[]) => void printed.push(...values);
  try {
    const heard: string[] = [];
    streams.addListener({
      onQueryStarted: () => {
        throw new Error("it broke");
      },
    });
    streams.addListener({ onQueryStarted: ({ name }) => void heard.push(name) });
    const { query } = drivenQuery("bronze_stream");
    await started(streams, query);
    assert.deepEqual(heard, ["bronze_stream"]);
    await query.stop();
    await streams.close();
  } finally {
    console.error = error;
  }
  assert.match(String(printed[1]), /it broke/);
});

Deno.test("a name runs once: neither while its query starts nor while it runs does another start", async () => {
  const streams = new SparkQueryManager({ append: () => Promise.resolve() });
  const { query } = drivenQuery("application_stream");
  const refused = (start: Promise<unknown>) =>
    assert.rejects(start, /^BirdsongError: application_stream is running already: a query name/);
  const starting = started(streams, query);
  await refused(started(streams, drivenQuery("application_stream").query));
  await starting;
  await refused(started(streams, drivenQuery("application_stream").query));
  await query.stop();
  const failed = streams.start("application_stream", () => Promise.reject(new Error("no table")));
  await assert.rejects(failed, /no table/);
  const { query: next } = drivenQuery("application_stream");
  assert.equal(await started(streams, next), next);
  await next.stop();
  await streams.close();
});
