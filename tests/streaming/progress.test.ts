import assert from "node:assert/strict";
import { join } from "node:path";
import type { BatchConnection } from "../../lib/streaming/sink.ts";
import { readProgress } from "../../lib/streaming/checkpoint.ts";
import type { StreamingQueryProgress } from "../../lib/streaming/progress.ts";
import { Session } from "../../lib/streaming/session.ts";
import type { Transform } from "../../lib/streaming/transform.ts";
import { ManualClock } from "./triggers/manual_clock.ts";
import { birds, rawBird, takeBirds, withSession, writeLines } from "./with_session.ts";

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
      "expectations",
      "sources",
      "sink",
    ]);
    assert.equal(progress.id, query.id);
    assert.equal(progress.runId, query.runId);
    assert.equal(progress.name, "birds_stream");
    assert.equal(new Date(progress.timestamp).toISOString(), progress.timestamp);
    assert.equal(progress.numInputRows, 5);
    assert.deepEqual(progress.sink, {
      description: "DuckLakeSink[birds]",
      numOutputRows: 2,
      metrics: { commitAttempts: 1 },
    });
    const [{ metrics, ...read }] = progress.sources;
    assert.equal(progress.sources.length, 1);
    assert.ok(Object.values(metrics).every((figure) => typeof figure === "number"));
    assert.deepEqual(Object.keys(read), [
      "description",
      "startOffset",
      "endOffset",
      "latestOffset",
      "numInputRows",
      "inputRowsPerSecond",
      "processedRowsPerSecond",
    ]);
    assert.equal(read.description, `FileStreamSource[${source}]`);
    assert.equal(read.startOffset, null);
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
    assert.deepEqual(Object.keys(progress.durationMs), [
      "latestOffset",
      "getBatch",
      "addBatch",
      "commitOffsets",
      "triggerExecution",
    ]);
  });
});

Deno.test("the times and rates of a record are those of Spark", async () => {
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren" }, { name: "owl" });
    const slow: Transform = {
      schema: { name: "VARCHAR" },
      apply: ({ relation }) => {
        clock.advance(100);
        return `SELECT name FROM ${relation}`;
      },
    };
    const query = await session.readStream.schema(rawBird).json(source).transform(slow).writeStream
      .queryName("birds_stream").trigger({ processingTime: "1 second" })
      .foreachBatch("birds", slow.schema, (connection, batch) => {
        clock.advance(150);
        return connection.run(`INSERT INTO birds SELECT * FROM ${batch}`);
      });
    const next = async () => clock.advance(await clock.sleeping() - clock.now());
    // Nothing new at seconds 1 and 2.
    await next();
    await next();
    await clock.sleeping();
    writeLines(source, "b.json", { name: "robin" });
    writeLines(source, "c.json", { name: "tit" }, { name: "finch" });
    await next();
    await clock.sleeping();
    await query.stop();

    const figures = query.recentProgress.map((progress) => {
      const { timestamp, batchId, batchDuration, durationMs, sources: [read] } = progress;
      const { numInputRows, inputRowsPerSecond, processedRowsPerSecond } = progress;
      const rates = { numInputRows, inputRowsPerSecond, processedRowsPerSecond };
      assert.deepEqual({ ...read, ...rates }, read, "of the only source as of the batch");
      return { timestamp, batchId, batchDuration, durationMs, ...rates };
    });
    const durationMs = {
      latestOffset: 0,
      getBatch: 0,
      addBatch: 250,
      commitOffsets: 0,
      triggerExecution: 250,
    };
    assert.deepEqual(figures, [
      {
        timestamp: "2026-01-01T00:00:00.000Z",
        batchId: 0,
        batchDuration: 250,
        durationMs,
        numInputRows: 2,
        // Nothing is known of the time before the first trigger.
        inputRowsPerSecond: 0,
        processedRowsPerSecond: 8,
      },
      {
        timestamp: "2026-01-01T00:00:03.000Z",
        batchId: 1,
        batchDuration: 250,
        durationMs,
        numInputRows: 3,
        // Since the trigger at second 2, which found nothing.
        inputRowsPerSecond: 3,
        processedRowsPerSecond: 12,
      },
    ]);
  }, { clock });
});

Deno.test("a batch of no time counts as one of a millisecond", async () => {
  const clock = new ManualClock();
  await withSession(async (session, source) => {
    for (const name of ["a", "b"]) writeLines(source, `${name}.json`, { name });
    const query = await takeBirds(session, source, 1);
    const rates = query.recentProgress.map((progress) => [
      progress.batchDuration,
      progress.inputRowsPerSecond,
      progress.processedRowsPerSecond,
    ]);
    assert.deepEqual(rates, [[0, 0, 1000], [0, 1000, 1000]]);
  }, { clock });
});

Deno.test("the records that are kept are those that the query told, but for the time of the commit", async () => {
  // Each look at this clock is a millisecond later.
  let time = 1000;
  const clock = { now: () => time++, waitUntil: () => Promise.resolve() };
  await withSession(async (session, source) => {
    for (const name of ["a", "b", "c"]) writeLines(source, `${name}.json`, { name });
    const heard: StreamingQueryProgress[] = [];
    session.streams.addListener({ onQueryProgress: (progress) => void heard.push(progress) });
    const query = await takeBirds(session, source, 1);
    assert.equal(query.recentProgress.length, 3);
    assert.deepEqual(heard, query.recentProgress);
    assert.equal(query.lastProgress, heard[2]);
    const kept = await readProgress(session.lake, "birds_stream");
    for (const [index, told] of heard.entries()) {
      const { latestOffset, getBatch, addBatch, commitOffsets, triggerExecution } = told.durationMs;
      assert.equal(latestOffset + getBatch + addBatch + commitOffsets, triggerExecution);
      assert.equal(told.batchDuration, triggerExecution);
      const untilCommit = triggerExecution - 1;
      const processedRowsPerSecond = 1000 / untilCommit;
      assert.deepEqual(kept[index], {
        ...told,
        batchDuration: untilCommit,
        processedRowsPerSecond,
        durationMs: {
          ...told.durationMs,
          commitOffsets: commitOffsets - 1,
          triggerExecution: untilCommit,
        },
        sources: [{ ...told.sources[0], processedRowsPerSecond }],
      });
    }
    assert.deepEqual(await readProgress(session.lake), kept);
    assert.deepEqual(await readProgress(session.lake, "other_stream"), []);
    const ids = await session.sql("SELECT DISTINCT id FROM checkpoint.queries");
    assert.deepEqual(ids, [{ id: query.id }]);
  }, { clock });
});

Deno.test("the records survive the process, and the batch ids go on", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren" });
    const first = await takeBirds(session, source);
    writeLines(source, "b.json", { name: "owl" });
    const second = await takeBirds(session, source);
    const kept = await readProgress(session.lake, "birds_stream");
    assert.deepEqual(
      kept.map(({ id, runId, batchId }) => ({ id, runId, batchId })),
      [first, second].map(({ id, runId }, batchId) => ({ id, runId, batchId })),
    );
    assert.equal(first.id, second.id);
    assert.deepEqual(kept[1].sources[0].startOffset, kept[0].sources[0].endOffset);
    assert.equal(kept[1].inputRowsPerSecond, 0, "of this run, nothing is known before");
  });
});

Deno.test("a record counts how often its transaction was tried", async () => {
  await withSession(async (session, source) => {
    for (const name of ["a", "b"]) writeLines(source, `${name}.json`, { name });
    // As another process would.
    const other = await Session.open(session.lake.folder);
    const connection = await other.lake.connect();
    const change = (connection: BatchConnection) => connection.run("UPDATE birds SET songs = 1");
    let attempts = 0;
    const query = await session.readStream.schema(rawBird).options({ maxFilesPerTrigger: 1 })
      .json(source).transform(birds).writeStream.queryName("birds_stream")
      .trigger({ availableNow: true })
      .foreachBatch("birds", birds.schema, async (own, batch, batchId) => {
        if (batchId === 1) {
          await change(own);
          const info = { author: "other", message: "change the same row" };
          if (++attempts === 1) await other.lake.commit(connection, info, change);
        }
        return await own.run(`INSERT INTO birds BY NAME SELECT * FROM ${batch}`);
      });
    await query.awaitTermination();
    connection.close();
    await other.close();
    assert.equal(attempts, 2);
    const sink = { description: "ForeachBatchSink", numOutputRows: 1 };
    assert.deepEqual(query.recentProgress.map((progress) => progress.sink), [
      { ...sink, metrics: { commitAttempts: 1 } },
      { ...sink, metrics: { commitAttempts: 2 } },
    ]);
    assert.equal(await session.lake.count("birds"), 2);
  });
});
