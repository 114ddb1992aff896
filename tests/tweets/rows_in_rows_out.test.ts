import assert from "node:assert/strict";
import fc from "fast-check";
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { clearInterval, setInterval } from "node:timers";
import { readProgress } from "../../lib/streaming/checkpoint.ts";
import type { FileLimits } from "../../lib/streaming/sources/file_limits.ts";
import { Session } from "../../lib/streaming/session.ts";
import { bronze, rawTweet } from "../../lib/tweets/bronze.ts";
import { silver } from "../../lib/tweets/silver.ts";
import { withFolder } from "../lakehouse/with_lake.ts";
import { expectedText } from "./expected.ts";
import { type RandomFile, randomFolder, rounds } from "./random_files.ts";

/** How much a batch takes of the files. */
const fileLimits: fc.Arbitrary<FileLimits> = fc.record({
  maxFilesPerTrigger: fc.constantFrom(1, 3, 8),
  maxBytesPerTrigger: fc.constantFrom(200, 2000, 1_000_000, 1_000_000),
});

const trigger = { availableNow: true } as const;

/** Bronze and silver of one folder, in which cases follow each other, each in a folder of its own. */
class Pipeline {
  readonly #expected = new Expected();

  private constructor(private readonly session: Session, private readonly source: string) {}

  static async open(folder: string): Promise<Pipeline> {
    const source = join(folder, "source");
    mkdirSync(source, { recursive: true });
    return new Pipeline(await Session.open(join(folder, "lake")), source);
  }

  /** Takes the files of a case in two rounds, and checks all rows and figures. */
  async check(
    name: string,
    files: RandomFile[],
    limits: readonly FileLimits[],
    maxRowsPerTrigger: number,
  ): Promise<void> {
    for (const round of rounds) {
      const stopWriting = keepWriting(write(join(this.source, name), files, round));
      await this.#takeFiles(limits[round]).finally(stopWriting);
    }
    await this.#takeRows(maxRowsPerTrigger);
    await this.#expected.addCase(this.session, name, files);
    const { bronze, silver } = this.#expected;
    assert.deepEqual(await this.#sums("bronze_stream", bronze), bronze);
    assert.deepEqual(await this.#sums("silver_stream", silver), silver);
  }

  async #takeFiles(limits: FileLimits): Promise<void> {
    const query = await this.session.readStream.schema(rawTweet)
      .options({ ...limits, ignoreCorruptFiles: true }).json(this.source).transform(bronze)
      .writeStream.queryName("bronze_stream").trigger(trigger).toTable("bronze");
    await query.awaitTermination();
  }

  async #takeRows(maxRowsPerTrigger: number): Promise<void> {
    const query = await this.session.readStream.options({ maxRowsPerTrigger }).table("bronze")
      .transform(silver).writeStream.queryName("silver_stream").trigger(trigger).toTable("silver");
    await query.awaitTermination();
  }

  /** Sums over all progress records of a query, of the figures that are expected. */
  async #sums(query: string, expected: Record<string, number>): Promise<Record<string, number>> {
    const sums = Object.fromEntries(Object.keys(expected).map((name) => [name, 0]));
    for (const progress of await readProgress(this.session.lake, query)) {
      const figures: Record<string, number> = {
        in: progress.numInputRows,
        out: progress.sink.numOutputRows,
        ...progress.observedMetrics,
        ...progress.sources[0].metrics,
      };
      for (const name of Object.keys(sums)) sums[name] += figures[name] ?? 0;
    }
    return sums;
  }

  close(): Promise<void> {
    return this.session.close();
  }
}

/** Writes a round's files; returns the paths of those that are not finished. */
function write(source: string, files: RandomFile[], round: number): string[] {
  const unfinished: string[] = [];
  for (const file of files) {
    const path = join(source, file.path);
    mkdirSync(dirname(path), { recursive: true });
    if (file.round === round) {
      writeFileSync(path, file.bytes);
      const before = new Date(Date.now() - 60_000);
      utimesSync(path, before, before);
    } else if (file.round === round + 1 && file.unfinished) {
      writeFileSync(path, file.unfinished);
      unfinished.push(path);
    }
  }
  return unfinished;
}

/** Keeps files looking as if somebody wrote to them; returns the function that ends that. */
function keepWriting(paths: string[]): () => void {
  const touch = () => paths.forEach((path) => utimesSync(path, new Date(), new Date()));
  const timer = setInterval(touch, 200);
  return () => clearInterval(timer);
}

/** What must have become of all files so far. */
class Expected {
  readonly bronze: Record<string, number> = {
    in: 0,
    out: 0,
    corruptRecords: 0,
    rescuedRecords: 0,
    numFilesCorrupt: 0,
  };
  readonly silver: Record<string, number> = { in: 0, out: 0, corruptRecords: 0, withoutText: 0 };

  /** Checks the rows of one case, and adds them to the figures of all. */
  async addCase(session: Session, name: string, files: RandomFile[]): Promise<void> {
    const records = files.flatMap(({ path, records }) =>
      records.map((record) => ({ ...record, id: `${name}/${path}#${record.line}` }))
    );
    const bronzeRows = await session.sql(
      `SELECT tweet_id AS id, _corrupt_record IS NOT NULL AS corrupt,
         _rescued_data IS NOT NULL AS rescued, "text"
       FROM bronze WHERE starts_with(tweet_id, $name || '/')`,
      { name },
    );
    assert.deepEqual(
      bronzeRows.map(({ id, corrupt, rescued, text }) => [id, corrupt, rescued, text]).sort(),
      // DuckDB's client takes a byte order mark off a text that it hands over.
      records.map((
        { id, corrupt, rescued, text },
      ) => [id, corrupt, rescued, text?.replace(/^\ufeff/, "") ?? null]).sort(),
    );
    const silverRows = await session.sql(
      "SELECT tweet_id AS id, mention FROM silver WHERE starts_with(tweet_id, $name || '/')",
      { name },
    );
    const expectedRows = records.flatMap(({ id, text }) => {
      if (text === null) return [];
      const { mentions } = expectedText(text);
      return (mentions.length === 0 ? [null] : mentions).map((mention) => [id, mention]);
    });
    assert.deepEqual(
      silverRows.map(({ id, mention }) => [id, mention]).sort(),
      expectedRows.sort(),
    );

    const count = (condition: (record: typeof records[number]) => boolean) =>
      records.filter(condition).length;
    const corruptRecords = count(({ corrupt }) => corrupt);
    const withoutText = count(({ corrupt, text }) => !corrupt && text === null);
    add(this.bronze, {
      in: records.length,
      out: records.length,
      corruptRecords,
      rescuedRecords: count(({ rescued }) => rescued),
      numFilesCorrupt: files.filter(({ corrupt }) => corrupt).length,
    });
    add(this.silver, { in: records.length, out: expectedRows.length, corruptRecords, withoutText });
    // In is out and aside, by tweet_id.
    const kept = new Set(silverRows.map(({ id }) => id)).size;
    assert.equal(records.length, kept + corruptRecords + withoutText);
  }
}

function add(sums: Record<string, number>, more: Record<string, number>): void {
  for (const [name, value] of Object.entries(more)) sums[name] += value;
}

/** Runs a test without the library's warnings, which tell of the files that are left alone. */
async function withoutWarnings(test: () => Promise<void>): Promise<void> {
  const { warn } = console;
  console.warn = () => {};
  await test().finally(() => console.warn = warn);
}

Deno.test("whatever the files and the batches, rows in are rows out and rows set aside, by tweet_id", async () => {
  await withFolder(async (folder) => {
    let cases = 0;
    const deadline = Date.now() + 60_000;
    let pipeline: Pipeline | undefined;
    const property = fc.asyncProperty(
      randomFolder,
      fc.tuple(fileLimits, fileLimits),
      fc.integer({ min: 5, max: 60 }),
      async (files, limits, maxRowsPerTrigger) => {
        // A slow machine checks fewer cases, and shrinks less.
        if (cases > 0 && Date.now() > deadline) return;
        const name = `${cases++}`;
        pipeline ??= await Pipeline.open(join(folder, name));
        try {
          await pipeline.check(name, files, limits, maxRowsPerTrigger);
        } catch (error) {
          // The case that failed must not stand in the way of smaller examples.
          await pipeline.close();
          pipeline = undefined;
          throw error;
        }
      },
    );
    // A failure is told with its seed, shrunk to a small example.
    await withoutWarnings(() => fc.assert(property, { numRuns: 50 })).finally(() =>
      pipeline?.close()
    );
  });
});
