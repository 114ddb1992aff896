import assert from "node:assert/strict";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers";
import { gzipSync } from "node:zlib";
import { BirdsongError } from "../../../lib/errors.ts";
import { FileSource } from "../../../lib/streaming/sources/file_source.ts";
import { Session } from "../../../lib/streaming/session.ts";
import { withFolder } from "../../lakehouse/with_lake.ts";
import { batchesOf, birds, rawBird, takeBirds, withSession, writeLines } from "../with_session.ts";

const namesIn = async (session: Session) =>
  (await session.sql("SELECT name FROM birds ORDER BY name")).map((row) => row.name);

Deno.test("files come in as rows, with file and line, and what does not fit", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren", songs: 1 }, { name: 7, lang: "en" });
    writeFileSync(join(source, "b.json"), "no json\n");
    mkdirSync(join(source, "2009"));
    writeFileSync(join(source, "2009/c.json.gz"), gzipSync('{"name":"owl"}\n'));
    const query = await takeBirds(session, source);
    const nothing = { songs: null, rescued: null, corrupt: null };
    assert.deepEqual(await session.sql("FROM birds ORDER BY file, line"), [
      { ...nothing, name: "owl", file: "2009/c.json.gz", line: 1 },
      { ...nothing, name: "wren", songs: 1, file: "a.json", line: 1 },
      { ...nothing, name: null, file: "a.json", line: 2, rescued: '{"name":7,"lang":"en"}' },
      { ...nothing, name: null, file: "b.json", line: 1, corrupt: "no json" },
    ]);
    assert.deepEqual(query.lastProgress?.observedMetrics, {
      corruptRecords: 1,
      rescuedRecords: 1,
    });
  });
});

Deno.test("a batch knows the whole path of its files", async () => {
  await withSession(async (session, source) => {
    const odd = join(source, "it's");
    writeLines(odd, "a.json", { name: "wren" });
    const query = await session.readStream.schema(rawBird).json(`${odd}/`).transform({
      schema: { path: "VARCHAR" },
      apply: ({ relation }) => `SELECT _metadata.file_path AS path FROM ${relation}`,
    }).writeStream.queryName("q").trigger({ availableNow: true }).toTable("paths");
    await query.awaitTermination();
    assert.deepEqual(await session.table("paths"), [{ path: join(odd, "a.json") }]);
  });
});

Deno.test("a batch takes no more files than it may, in the order of their names", async () => {
  await withSession(async (session, source) => {
    for (const n of [1, 2, 3, 4, 5]) {
      writeLines(source, `${n}.json`, { name: `a${n}` }, { name: `b${n}` });
    }
    const query = await takeBirds(session, source, 2);
    assert.deepEqual(batchesOf(query), [
      { batchId: 0, in: 4, out: 4 },
      { batchId: 1, in: 4, out: 4 },
      { batchId: 2, in: 2, out: 2 },
    ]);
    assert.equal((await namesIn(session)).length, 10);
    const [first, , last] = query.recentProgress.map(({ sources }) => sources[0]);
    assert.equal(first.description, `FileStreamSource[${source}]`);
    assert.deepEqual(first.startOffset, null);
    assert.deepEqual(first.endOffset, { folder: source, files: 2 });
    assert.deepEqual(first.latestOffset, { folder: source, files: 5 });
    assert.deepEqual(last.startOffset, { folder: source, files: 4 });
    assert.deepEqual(last.endOffset, { folder: source, files: 5 });
    assert.deepEqual(last.latestOffset, { folder: source, files: 5 });
  });
});

Deno.test("a second run takes nothing, and after ten new files exactly theirs", async () => {
  await withFolder(async (folder) => {
    const [lake, source] = [join(folder, "lake"), join(folder, "source")];
    for (let n = 0; n < 20; n++) writeLines(source, `old/${n}.json`, { name: `old ${n}` });
    const run = async () => {
      const session = await Session.open(lake);
      const query = await takeBirds(session, source, 8);
      const rows = await session.sql("SELECT name, file FROM birds");
      const { id } = query;
      await session.close();
      return { id, rows, batches: batchesOf(query) };
    };
    const first = await run();
    assert.equal(first.rows.length, 20);
    const second = await run();
    assert.deepEqual(second, { id: first.id, rows: first.rows, batches: [] });
    // Some sort before the files that were taken, some behind them.
    const added = Array.from({ length: 10 }, (_, n) => `${n % 2 ? "new" : "zzz"}/${n}.json`);
    for (const file of added) writeLines(source, file, { name: file });
    const third = await run();
    assert.equal(third.id, first.id);
    assert.deepEqual(third.batches, [{ batchId: 3, in: 8, out: 8 }, { batchId: 4, in: 2, out: 2 }]);
    assert.deepEqual(
      third.rows.map((row) => row.name).sort(),
      [...first.rows.map((row) => row.name), ...added].sort(),
    );
  });
});

Deno.test("an empty folder is no error and no batch", async () => {
  await withSession(async (session, source) => {
    assert.deepEqual(batchesOf(await takeBirds(session, source)), []);
    assert.equal(await session.lake.count("birds"), 0, "the table is there");
  });
});

Deno.test("a stream does not go on with another folder", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren" });
    await takeBirds(session, source);
    const other = join(source, "../other");
    renameSync(source, other);
    await assert.rejects(takeBirds(session, other), (error: Error) => {
      assert.ok(error instanceof BirdsongError);
      assert.match(error.message, /birds_stream has read 1 file from .*source.*cannot go on with/);
      assert.ok(error.message.includes(other));
      return true;
    });
    renameSync(other, source);
    assert.deepEqual(batchesOf(await takeBirds(session, source)), []);
  });
});

Deno.test("a folder that is missing ends the stream with an error", async () => {
  await withSession(async (session, source) => {
    rmSync(source, { recursive: true });
    await assert.rejects(takeBirds(session, source), /cannot list the source folder/);
  });
});

Deno.test("numbers and truth values are read into their columns", async () => {
  await withSession(async (session, source) => {
    writeLines(
      source,
      "a.json",
      { whole: 7, number: 0.5, flag: true },
      { whole: 1.5, number: "x", flag: 1 },
    );
    const schema = { whole: "BIGINT", number: "DOUBLE", flag: "BOOLEAN" };
    const query = await session.readStream.schema(schema).json(source).transform({
      schema: { ...schema, rescued: "VARCHAR" },
      apply: ({ relation }) =>
        `SELECT whole, number, flag, _rescued_data AS rescued FROM ${relation}`,
    }).writeStream.queryName("q").trigger({ availableNow: true }).toTable("t");
    await query.awaitTermination();
    assert.deepEqual(await session.table("t"), [
      { whole: 7, number: 0.5, flag: true, rescued: null },
      { whole: null, number: null, flag: null, rescued: '{"whole":1.5,"number":"x","flag":1}' },
    ]);
  });
});

Deno.test("two streams read the same folder, each on its own", async () => {
  await withSession(async (session, source) => {
    for (let n = 0; n < 5; n++) writeLines(source, `${n}.json`, { name: `${n}` });
    await takeBirds(session, source);
    const other = await session.readStream.schema(rawBird).json(source).transform(birds)
      .writeStream.queryName("other_stream").trigger({ availableNow: true }).toTable("others");
    await other.awaitTermination();
    assert.equal(await session.lake.count("birds"), 5);
    assert.equal(await session.lake.count("others"), 5);
  });
});

Deno.test("a committed batch is not loaded again in the same run, one that was given up is", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren" });
    await takeBirds(session, source);
    writeLines(source, "b.json", { name: "owl" });
    const files = new FileSource(session.lake, {
      folder: source,
      schema: rawBird,
      schemaEvolutionMode: "rescue",
    });
    const connection = await session.lake.connect();
    const context = { connection, queryName: "birds_stream", offset: undefined, outputColumns: [] };
    await files.open(context);
    const load = async () => {
      await files.refresh();
      return (await files.load("batch", new AbortController().signal, "options"))?.numInputRows;
    };
    assert.equal(await load(), 1);
    assert.equal(await load(), 1);
    files.committed();
    assert.equal(await load(), undefined);
    connection.close();
  });
});

Deno.test("a stop is heard while many files are read", async () => {
  await withSession(async (session, source) => {
    await takeBirds(session, source);
    for (let n = 0; n < 600; n++) writeLines(source, `${n}.json`, { name: `${n}` });
    const files = new FileSource(session.lake, {
      folder: source,
      schema: rawBird,
      schemaEvolutionMode: "rescue",
    });
    const connection = await session.lake.connect();
    await files.open({
      connection,
      queryName: "birds_stream",
      offset: undefined,
      outputColumns: [],
    });
    await files.refresh();
    const abort = new AbortController();
    const { signal } = abort;
    // The stop button is pressed when reading has begun.
    signal.throwIfAborted = () => {
      if (signal.aborted) throw signal.reason;
      setImmediate(() => abort.abort());
    };
    await assert.rejects(files.load("batch", signal, "options"), { name: "AbortError" });
    connection.close();
  });
});

Deno.test("a lake whose checkpoint knows no sizes of files yet goes on", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren" });
    await takeBirds(session, source);
    await session.sql("ALTER TABLE checkpoint.files DROP COLUMN size");
    await session.sql("ALTER TABLE checkpoint.files DROP COLUMN error");
    writeLines(source, "b.json", { name: "owl" });
    await takeBirds(session, source);
    assert.deepEqual(await namesIn(session), ["owl", "wren"]);
    const files = await session.sql("SELECT path, size FROM checkpoint.files ORDER BY path");
    assert.deepEqual(files, [{ path: "a.json", size: null }, { path: "b.json", size: 15 }]);
  });
});
