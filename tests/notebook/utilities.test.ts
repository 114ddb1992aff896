import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { gzipSync } from "node:zlib";
import { BirdsongError } from "../../lib/errors.ts";
import { interrupt, InterruptedError } from "../../lib/notebook/interrupt.ts";
import {
  activeStreams,
  listSource,
  readSourceFile,
  untilStreamIsReady,
} from "../../lib/notebook/utilities.ts";
import { clearPreviousRun } from "../../lib/streaming/processes/clear.ts";
import { OtherProcess } from "../streaming/other_process.ts";
import { birds, rawBird, withSession, writeLines } from "../streaming/with_session.ts";
import { withFolder } from "../lakehouse/with_lake.ts";

Deno.test("a source is listed with the sizes of its files, and each can be read", async () => {
  await withFolder((folder) => {
    writeLines(folder, "b.json", { text: "é😀" });
    writeLines(folder, "below/a.ndjson", { n: 1 }, { n: 2 });
    writeFileSync(join(folder, "c.json.gz"), gzipSync('{"n":3}\n'));
    writeFileSync(join(folder, "_hidden.json"), "{}");
    mkdirSync(join(folder, "a_folder.json"));
    const files = listSource(folder);
    assert.deepEqual(files.map(({ file }) => file), ["b.json", "below/a.ndjson", "c.json.gz"]);
    assert.deepEqual(files.slice(0, 2).map(({ bytes }) => bytes), [18, 16]);
    const texts = files.map(({ file }) => readSourceFile(folder, file));
    assert.deepEqual(texts, ['{"text":"é😀"}\n', '{"n":1}\n{"n":2}\n', '{"n":3}\n']);
    assert.throws(() => readSourceFile(folder, "d.json"), (error: Error) => {
      assert.ok(error instanceof BirdsongError);
      assert.match(error.message, /^there is no file d\.json in .*listSource/);
      return true;
    });
    assert.throws(() => listSource(join(folder, "nowhere")), /cannot list the source folder/);
    return Promise.resolve();
  });
});

Deno.test("active streams are listed with their last batch, those of other processes and dead ones too", async () => {
  await withSession(async (session, source) => {
    const { lake } = session;
    assert.deepEqual(await activeStreams(session), [], "on a lake where nothing has ever run");
    writeLines(source, "a.json", { name: "wren" });
    writeLines(source, "b.json", { name: "owl" });
    const query = await session.readStream.schema(rawBird).options({ maxFilesPerTrigger: 1 })
      .json(source).transform(birds)
      .writeStream.queryName("here_stream").trigger({ processingTime: "20 ms" }).toTable("here");
    const other = new OtherProcess(lake.folder, source);
    try {
      await other.prints("batch 0");
      while (query.lastProgress?.batchId !== 1) await new Promise((wake) => setTimeout(wake, 20));
      const streams = await activeStreams(session);
      assert.deepEqual(streams.map(({ since: _, ...rest }) => rest), [
        {
          stream: "birds_stream",
          state: "running",
          process: other.pid,
          host: hostname(),
          here: false,
          batch: 0,
          rows: 2,
          error: null,
        },
        {
          stream: "here_stream",
          state: "running",
          process: process.pid,
          host: hostname(),
          here: true,
          batch: 1,
          rows: 1,
          error: null,
        },
      ]);
      for (const { since } of streams) assert.equal(new Date(since).toISOString(), since);
    } finally {
      await other.kill();
    }
    await query.stop();
    const left = await activeStreams(session);
    assert.deepEqual(left.map(({ stream, state, batch }) => [stream, state, batch]), [
      ["birds_stream", "dead", 0],
    ]);
    await clearPreviousRun(session, ["birds", "here"]);
    assert.deepEqual(await activeStreams(session), [], "it is forgotten");
    await assert.rejects(untilStreamIsReady(session, "birds_stream", 1), /birds_stream has not/);
  });
});

Deno.test("one can wait for a stream that is started later, until it has committed a batch", async () => {
  await withSession(async (session, source) => {
    let ready = false;
    const waiting = untilStreamIsReady(session, "birds_stream").then(() => ready = true);
    const query = await session.readStream.schema(rawBird).json(source).transform(birds)
      .writeStream.queryName("birds_stream").trigger({ processingTime: "20 ms" }).toTable("birds");
    await assert.rejects(untilStreamIsReady(session, "birds_stream", 250), (error: Error) => {
      assert.ok(error instanceof BirdsongError);
      assert.match(error.message, /^birds_stream has not committed a batch within 0\.25 s: /);
      assert.equal(error.context.query, "birds_stream");
      return true;
    });
    assert.equal(ready, false);
    writeLines(source, "a.json", { name: "wren" });
    await waiting;
    assert.equal(await session.lake.count("birds"), 1);
    await query.stop();
  });
});

Deno.test("the stop button ends the wait for a stream", async () => {
  await withSession(async (session) => {
    const waiting = assert.rejects(untilStreamIsReady(session, "birds_stream"), InterruptedError);
    const timer = setInterval(interrupt, 20);
    await waiting;
    clearInterval(timer);
  });
});
