import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { BirdsongError } from "../../lib/errors.ts";
import { monitorStreams, type StreamReading } from "../../lib/streaming/monitor.ts";
import type { StreamingQueryProgress } from "../../lib/streaming/progress.ts";
import type { Session } from "../../lib/streaming/session.ts";
import type { StreamingQuery } from "../../lib/streaming/streaming_query.ts";
import type { Transform } from "../../lib/streaming/transform.ts";
import { birds, rawBird, withSession, writeLines } from "./with_session.ts";

const trigger = { processingTime: "20 ms" };

/** Two rows of each bird. */
const songs: Transform = {
  schema: { name: "VARCHAR" },
  apply: ({ relation }) => `SELECT name FROM ${relation}, range(2)`,
};

function startBirds(session: Session, source: string, transform = birds): Promise<StreamingQuery> {
  return session.readStream.schema(rawBird).options({ maxFilesPerTrigger: 1 }).json(source)
    .transform(transform).writeStream.queryName("birds_stream").trigger(trigger).toTable("birds");
}

function startSongs(session: Session): Promise<StreamingQuery> {
  return session.readStream.options({ maxRowsPerTrigger: 2 }).table("birds").transform(songs)
    .writeStream.queryName("songs_stream").trigger(trigger).toTable("songs");
}

async function readAll(readings: AsyncIterable<StreamReading[]>): Promise<StreamReading[][]> {
  const all: StreamReading[][] = [];
  for await (const reading of readings) all.push(reading);
  return all;
}

Deno.test("the monitor ends when all that arrives is processed, and its readings add up to the rows", async () => {
  await withSession(async (session, source) => {
    for (const name of ["a", "b"]) writeLines(source, `${name}.json`, { name });
    const bird = await startBirds(session, source);
    const queries = [bird, await startSongs(session)];
    let portions = 0;
    const arriving = (async () => {
      for (const portion of [1, 2, 3]) {
        // A pause in which everything is processed, and more is to come all the same.
        for (const query of queries) while (await query.isDataAvailable()) await sleep(10);
        await sleep(100);
        for (const name of ["a", "b"]) writeLines(source, `${portion}${name}.json`, { name });
        portions++;
      }
    })();
    const before = queries.map((query) => sumOf(query.recentProgress));
    const all = await readAll(monitorStreams(queries, { interval: 30, arriving }));
    assert.equal(portions, 3, "it has waited for what arrives");
    const rows = { birds: 8, songs: 16 };
    for (const [table, count] of Object.entries(rows)) {
      assert.equal(await session.lake.count(table), count, table);
    }
    for (const [index, query] of queries.entries()) {
      assert.equal(await query.isDataAvailable(), false);
      assert.equal(query.isActive, true, "the streams go on");
      const readings = all.map((reading) => reading[index]);
      let total = 0;
      for (const reading of readings) {
        assert.deepEqual(Object.keys(reading), [
          "timestamp",
          "stream",
          "batches",
          "rows",
          "totalRows",
          "processingTime",
        ]);
        assert.equal(reading.stream, query.name);
        total += reading.rows;
        assert.equal(reading.totalRows, total);
        assert.equal(reading.processingTime === null, reading.batches === 0);
        if (reading.batches === 0) assert.equal(reading.rows, 0);
      }
      assert.equal(before[index] + total, sumOf(query.recentProgress), query.name);
      const batches = readings.reduce((sum, reading) => sum + reading.batches, 0);
      assert.ok(batches <= query.recentProgress.length);
    }
    assert.ok(all.filter(([reading]) => reading.rows > 0).length > 1, "bit by bit");
    for (const query of queries) await query.stop();
  });
});

function sumOf(progress: readonly StreamingQueryProgress[]): number {
  return progress.reduce((sum, { numInputRows }) => sum + numInputRows, 0);
}

Deno.test("the monitor counts what is processed since it began, and ends at once where nothing is new", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren" });
    const query = await startBirds(session, source);
    while (!query.lastProgress) await sleep(10);
    const all = await readAll(monitorStreams([query], { interval: 1 }));
    // The first look finds that nothing is to come.
    assert.deepEqual(
      all.map(([{ batches, rows, totalRows, processingTime }]) => ({
        batches,
        rows,
        totalRows,
        processingTime,
      })),
      [{ batches: 0, rows: 0, totalRows: 0, processingTime: null }],
    );
    await query.stop();
    assert.equal((await readAll(monitorStreams([query], { interval: 1 }))).length, 1);
  });
});

Deno.test("the monitor throws the error of a stream that fails", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren" });
    const fails: Transform = { ...birds, apply: () => Promise.reject(new Error("it broke")) };
    const query = await startBirds(session, source, fails);
    const never = new Promise(() => {});
    await assert.rejects(
      readAll(monitorStreams([query], { interval: 20, arriving: never })),
      (error: Error) => {
        assert.ok(error instanceof BirdsongError);
        assert.equal(error.message, "birds_stream failed in batch 0: it broke");
        return true;
      },
    );
  });
});

Deno.test("the monitor throws what keeps data from arriving, once the rest is processed", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren" });
    const query = await startBirds(session, source);
    const arriving = Promise.reject(new Error("the disk is full"));
    await assert.rejects(
      readAll(monitorStreams([query], { interval: 20, arriving })),
      /^Error: the disk is full$/,
    );
    assert.equal(await session.lake.count("birds"), 1);
    await query.stop();
  });
});

Deno.test("the monitor loses no batch, though a query keeps only its last hundred", async () => {
  // So many batches as a lake commits in a long interval only: this stands in for a query.
  const recentProgress: StreamingQueryProgress[] = [];
  let batchId = 0;
  const commit = () => {
    const progress = { batchId: batchId++, numInputRows: 2, batchDuration: 10 };
    recentProgress.push(progress as StreamingQueryProgress);
    if (recentProgress.length > 100) recentProgress.shift();
  };
  const query = {
    name: "birds_stream",
    isActive: true,
    exception: undefined,
    recentProgress,
    get lastProgress() {
      return recentProgress.at(-1);
    },
    isDataAvailable: () => Promise.resolve(false),
  } as unknown as StreamingQuery;
  const timer = setInterval(() => Array.from({ length: 15 }, commit), 200);
  const [[reading]] = await readAll(monitorStreams([query], { interval: 2100 }));
  clearInterval(timer);
  assert.ok(batchId > 100, `${batchId} batches`);
  assert.equal(reading.batches, batchId);
  assert.equal(reading.rows, 2 * batchId);
  assert.equal(reading.processingTime, 10);
});

Deno.test("what is done with a reading does not make the interval longer", async () => {
  await withSession(async (session, source) => {
    const query = await startBirds(session, source);
    const looks: number[] = [];
    const arriving = new Promise<void>((resolve) => setTimeout(resolve, 2500));
    for await (const [{ timestamp }] of monitorStreams([query], { interval: 600, arriving })) {
      looks.push(timestamp.getTime());
      await sleep(550);
    }
    const spaces = looks.slice(1).map((look, index) => look - looks[index]);
    // The least of several: a busy machine makes some of them longer. Added up, all were 1150.
    assert.ok(Math.min(...spaces) < 1000, `${spaces} ms between two looks`);
    await query.stop();
  });
});
