import assert from "node:assert/strict";
import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { BirdsongError } from "../../../lib/errors.ts";
import type { Session } from "../../../lib/streaming/session.ts";
import type { StreamingQuery } from "../../../lib/streaming/streaming_query.ts";
import { batchesOf, birds, rawBird, takeBirds, withSession, writeLines } from "../with_session.ts";

const namesIn = async (session: Session) =>
  (await session.sql("SELECT name FROM birds ORDER BY name")).map((row) => row.name);

/** A file that nobody has written to for a minute. */
function writeSettled(folder: string, name: string, content: string | Uint8Array): void {
  writeFileSync(join(folder, name), content);
  settle(join(folder, name));
}

/** A file that somebody has just written to; the clock of its disk is a little ahead. */
function writeFresh(folder: string, name: string, content: string | Uint8Array): void {
  writeFileSync(join(folder, name), content);
  const soon = new Date(Date.now() + 4500);
  utimesSync(join(folder, name), soon, soon);
}

function settle(path: string): void {
  const before = new Date(Date.now() - 60_000);
  utimesSync(path, before, before);
}

/** A stream that looks once at what is there, and then not for an hour. */
function waitingStream(session: Session, source: string): Promise<StreamingQuery> {
  return session.readStream.schema(rawBird).json(source).transform(birds).writeStream
    .queryName("birds_stream").trigger({ processingTime: "60 minutes" }).toTable("birds");
}

/** The source's figures of the last batch that are not zero. */
function metricsOf(query: StreamingQuery): Record<string, number> {
  const metrics = query.lastProgress!.sources[0].metrics;
  return Object.fromEntries(Object.entries(metrics).filter(([, value]) => value !== 0));
}

/** What the library says on the console meanwhile. */
async function warningsOf(action: () => Promise<unknown>): Promise<string[]> {
  const warnings: string[] = [];
  const { warn } = console;
  console.warn = (text: string) => warnings.push(text);
  try {
    await action();
  } finally {
    console.warn = warn;
  }
  return warnings;
}

Deno.test("an empty file is taken, and gives no row", async () => {
  await withSession(async (session, source) => {
    writeSettled(source, "empty.json", "");
    writeSettled(source, "empty.json.gz", gzipSync(""));
    const query = await takeBirds(session, source);
    assert.deepEqual(batchesOf(query), [{ batchId: 0, in: 0, out: 0 }]);
    assert.deepEqual(batchesOf(await takeBirds(session, source)), []);
    assert.deepEqual(await namesIn(session), []);
  });
});

Deno.test("a file whose end is missing is left alone until nobody has written to it for seconds", async () => {
  await withSession(async (session, source) => {
    const whole = '{"name":"owl"}\n';
    const packed = gzipSync('{"name":"jay"}\n');
    writeLines(source, "a.json", { name: "wren" });
    const unfinished: [string, string | Uint8Array][] = [
      ["b.json", `${whole}{"name":"cut`],
      ["c.json", ""],
      ["d.json", '[\n{"name":"tit"},\n'],
      ["e.json", '{\n"name":'],
      ["f.json.gz", packed.subarray(0, 20)],
      ["g.json", Buffer.from('{"name":"Gr\u00fc').subarray(0, -1)],
    ];
    for (const [name, content] of unfinished) writeFresh(source, name, content);
    let query!: StreamingQuery;
    const warnings = await warningsOf(async () => query = await takeBirds(session, source));
    assert.deepEqual(await namesIn(session), ["wren"]);
    assert.deepEqual(metricsOf(query), { numFilesOutstanding: 6, numFilesBeingWritten: 6 });
    assert.deepEqual(query.lastProgress!.sources[0].latestOffset, { folder: source, files: 7 });
    assert.equal(warnings.length, 1, "one is named");
    assert.match(warnings[0], /^birds_stream: "b.json" is left for the next trigger/);

    // Some of their writers go on, some have died.
    writeFileSync(join(source, "b.json"), whole);
    writeFileSync(join(source, "d.json"), '[\n{"name":"tit"},\n{"name":"rook"}\n]');
    writeFileSync(join(source, "f.json.gz"), packed);
    for (const name of ["c.json", "e.json", "g.json"]) settle(join(source, name));
    query = await takeBirds(session, source);
    assert.deepEqual(metricsOf(query), {});
    assert.deepEqual(
      await session.sql(
        "SELECT name, corrupt FROM birds WHERE file <> 'a.json' ORDER BY file, line",
      ),
      [
        { name: "owl", corrupt: null },
        { name: "tit", corrupt: null },
        { name: "rook", corrupt: null },
        { name: null, corrupt: "{" },
        { name: null, corrupt: '"name":' },
        { name: "jay", corrupt: null },
        { name: null, corrupt: '{"name":"Gr\ufffd' },
      ],
    );
    assert.deepEqual(batchesOf(await takeBirds(session, source)), []);
  });
});

Deno.test("a file that has just been written and is whole is taken at once", async () => {
  await withSession(async (session, source) => {
    const whole = [
      '{"name":"no newline at the end"}',
      'corrupt, but a whole line\n{"name":"owl"}\nno bird\n',
      '[{"name":"wren"},\n {"name":"tit"}]',
      '{\n"name": "jay"\n}',
      "\n",
      '\ufeff[\n{"name":"rook"}]',
    ];
    for (const [index, text] of whole.entries()) writeFileSync(join(source, `${index}.json`), text);
    const query = await takeBirds(session, source);
    assert.deepEqual(metricsOf(query), {});
    assert.deepEqual((await namesIn(session)).filter((name) => name !== null), [
      "jay",
      "no newline at the end",
      "owl",
      "rook",
      "tit",
      "wren",
    ]);
  });
});

Deno.test("files with temporary names are not there until they are renamed", async () => {
  await withSession(async (session, source) => {
    const names = [".a.json", "_b.json", "c.json.tmp", "_temporary/d.json", "e.json.gz.part"];
    for (const name of names) writeLines(source, name, { name });
    const query = await waitingStream(session, source);
    assert.equal(await query.isDataAvailable(), false);
    await query.stop();
    for (const [index, name] of names.entries()) {
      renameSync(join(source, name), join(source, `${index}.json`));
    }
    await takeBirds(session, source);
    assert.deepEqual(await namesIn(session), names.toSorted());
  });
});

Deno.test("a file that grows after it was taken is not read again, but reported at the next start", async () => {
  await withSession(async (session, source) => {
    for (const name of ["a", "b", "it's", "gone"]) writeLines(source, `${name}.json`, { name });
    await takeBirds(session, source);
    appendFileSync(join(source, "it's.json"), '{"name":"owl"}\n');
    writeLines(source, "b.json", { name: "another bird" });
    rmSync(join(source, "gone.json"));
    writeLines(source, "new.json", { name: "new" });
    let query!: StreamingQuery;
    const [warning, ...others] = await warningsOf(async () => {
      query = await takeBirds(session, source);
    });
    assert.deepEqual(await namesIn(session), ["a", "b", "gone", "it's", "new"]);
    assert.deepEqual(metricsOf(query), { numFilesChanged: 2 });
    assert.match(warning, /^birds_stream: 2 files have changed since being read, such as "/);
    assert.match(warning, /\((13|16) bytes then, (24|31) now\)/);
    assert.deepEqual(others, []);
    rmSync(join(source, "b.json"));
    const [one] = await warningsOf(() => takeBirds(session, source));
    assert.match(one, /^birds_stream: a file has changed since being read, such as "it's\.json"/);
  });
});

Deno.test("a file that was taken is not opened again, whatever has become of it", async () => {
  await withSession(async (session, source) => {
    for (const name of ["a", "b"]) writeLines(source, `${name}.json`, { name });
    await takeBirds(session, source);
    // No file that could be read, nor be looked at.
    rmSync(join(source, "a.json"));
    symlinkSync("a.json", join(source, "a.json"));
    const query = await waitingStream(session, source);
    await query.stop();
    writeLines(source, "c.json", { name: "c" });
    assert.deepEqual(batchesOf(await takeBirds(session, source)), [{ batchId: 1, in: 1, out: 1 }]);
    assert.deepEqual(await namesIn(session), ["a", "b", "c"]);
  });
});

Deno.test("a file that cannot be read ends the stream with its name, also where bytes are limited", async () => {
  await withSession(async (session, source) => {
    const blocked = join(source, "a.json");
    symlinkSync("a.json", blocked);
    for (const maxBytesPerTrigger of [undefined, 100]) {
      const query = await session.readStream.schema(rawBird).options({ maxBytesPerTrigger })
        .json(source).transform(birds).writeStream.queryName("birds_stream")
        .trigger({ availableNow: true }).toTable("birds");
      await assert.rejects(query.awaitTermination(), (error: Error) => {
        assert.ok(error instanceof BirdsongError);
        assert.ok(error.message.startsWith(`cannot read ${blocked}: `), error.message);
        assert.match(
          error.message,
          /Let this user read it, or move it out of the source folder\.$/,
        );
        return true;
      });
    }
  });
});

Deno.test("a file that vanished since it was listed is taken when it comes back", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren" });
    const elsewhere = join(source, "../elsewhere.json");
    symlinkSync(elsewhere, join(source, "b.json"));
    writeLines(source, "c.json", { name: "owl" });
    const query = await takeBirds(session, source, 2);
    assert.deepEqual(batchesOf(query), [{ batchId: 0, in: 1, out: 1 }, {
      batchId: 1,
      in: 1,
      out: 1,
    }]);
    assert.deepEqual(query.recentProgress[0].sources[0].metrics, {
      numFilesOutstanding: 1,
      numFilesBeingWritten: 0,
      numFilesVanished: 1,
      numFilesCorrupt: 0,
      numFilesChanged: 0,
    });
    assert.deepEqual(batchesOf(await takeBirds(session, source, 1)), []);
    const idle = await waitingStream(session, source);
    assert.equal(await idle.isDataAvailable(), false);
    writeLines(source, "../elsewhere.json", { name: "robin" });
    assert.equal(await idle.isDataAvailable(), true);
    await idle.stop();
    await takeBirds(session, source, 1);
    assert.deepEqual(await namesIn(session), ["owl", "robin", "wren"]);
  });
});

Deno.test("a folder may be called like a file", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "2009.json/a.json", { name: "wren" });
    mkdirSync(join(source, "2010.json.gz"));
    await takeBirds(session, source);
    assert.deepEqual(await namesIn(session), ["wren"]);
  });
});

Deno.test("files may have any name", async () => {
  await withSession(async (session, source) => {
    const names = [
      "a b",
      `it's "x"`,
      "new\nline",
      "ünï-😀",
      "$batch",
      "%41",
      "<script>",
      "a\\b",
      "#1",
    ];
    for (const name of names) writeLines(source, `in ${name}/${name}.json`, { name });
    await takeBirds(session, source, 2);
    assert.deepEqual(
      await session.sql("SELECT name, file FROM birds ORDER BY name"),
      names.map((name) => ({ name, file: `in ${name}/${name}.json` })).toSorted((a, b) =>
        Buffer.compare(Buffer.from(a.name), Buffer.from(b.name))
      ),
    );
    assert.deepEqual(batchesOf(await takeBirds(session, source)), []);
  });
});

Deno.test("a file that cannot be unpacked ends the stream with its name, and nothing is lost", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren" });
    const broken = join(source, "b.json.gz");
    writeFileSync(broken, "not packed");
    await assert.rejects(takeBirds(session, source), (error: Error) => {
      assert.ok(error instanceof BirdsongError);
      assert.ok(error.message.startsWith(`cannot read ${broken}: incorrect header`), error.message);
      assert.match(error.message, /write it anew or move it out.*ignoreCorruptFiles/);
      return true;
    });
    assert.deepEqual(await namesIn(session), [], "the batch was not begun");
    writeFileSync(broken, gzipSync('{"name":"owl"}'));
    await takeBirds(session, source);
    assert.deepEqual(await namesIn(session), ["owl", "wren"]);
  });
});

Deno.test("ignoreCorruptFiles sets a file that cannot be unpacked aside, and says so", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren" });
    writeSettled(source, "b.json.gz", gzipSync('{"name":"owl"}').subarray(0, -3));
    writeFileSync(join(source, "c.json.gz"), "not packed");
    const take = async () => {
      const query = await session.readStream.schema(rawBird).options({ ignoreCorruptFiles: true })
        .json(source).transform(birds).writeStream.queryName("birds_stream")
        .trigger({ availableNow: true }).toTable("birds");
      await query.awaitTermination();
      return query;
    };
    const query = await take();
    assert.deepEqual(await namesIn(session), ["wren"]);
    assert.deepEqual(metricsOf(query), { numFilesCorrupt: 2 });
    assert.deepEqual(
      await session.sql(
        "SELECT path, split_part(error, ': ', 2) AS error FROM checkpoint.files " +
          "WHERE error IS NOT NULL ORDER BY path",
      ),
      [
        {
          path: "b.json.gz",
          error: "unexpected end of file. It is no whole gzip file",
        },
        {
          path: "c.json.gz",
          error: "incorrect header check. It is no whole gzip file",
        },
      ],
    );
    assert.deepEqual(batchesOf(await take()), [], "they are not tried again");
    // A way that is blocked says nothing about the file behind it.
    symlinkSync("loop.json.gz", join(source, "loop.json.gz"));
    await assert.rejects(take(), /cannot read .*loop\.json\.gz: .*Let this user read it/);
  });
});

Deno.test("a line that is no UTF-8 is kept as corrupt, its neighbours are read", async () => {
  await withSession(async (session, source) => {
    const bytes = Buffer.from('{"name":"wr\ufffdn"}\r\n{"name":"?"}\n{"name":"ow\u00e9"}\n');
    bytes[bytes.indexOf("?")] = 0xe9;
    writeFileSync(join(source, "a.json"), bytes);
    writeFileSync(join(source, "b.json.gz"), gzipSync(bytes));
    const query = await takeBirds(session, source);
    const rows = await session.sql("SELECT name, line, corrupt FROM birds ORDER BY file, line");
    const expected = [
      { name: "wr\ufffdn", line: 1, corrupt: null },
      { name: null, line: 2, corrupt: '{"name":"\ufffd"}' },
      { name: "ow\u00e9", line: 3, corrupt: null },
    ];
    assert.deepEqual(rows, [...expected, ...expected]);
    assert.equal(query.lastProgress!.observedMetrics.corruptRecords, 2);
  });
});

Deno.test("files in UTF-16 are corrupt, line by line", async () => {
  await withSession(async (session, source) => {
    writeSettled(source, "a.json", Buffer.from('\ufeff{"name":"wren"}\n', "utf16le"));
    const query = await takeBirds(session, source);
    const { numInputRows, observedMetrics } = query.lastProgress!;
    assert.equal(observedMetrics.corruptRecords, numInputRows);
    assert.ok(numInputRows > 0);
  });
});
