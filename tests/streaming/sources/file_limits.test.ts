import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { byteSize } from "../../../lib/streaming/sources/byte_size.ts";
import type { ReadOptions } from "../../../lib/streaming/data_stream_reader.ts";
import type { Session } from "../../../lib/streaming/session.ts";
import type { Trigger } from "../../../lib/streaming/triggers/trigger.ts";
import { birds, rawBird, withSession } from "../with_session.ts";

/** Takes files of 100 bytes (one line each); returns how many rows each batch had. */
async function batchSizes(
  session: Session,
  source: string,
  options: ReadOptions,
  files: number,
  trigger: Trigger = { availableNow: true },
): Promise<number[]> {
  const line = `{"name":"${"x".repeat(88)}"}\n`;
  assert.equal(line.length, 100);
  for (let n = 0; n < files; n++) writeFileSync(join(source, `${n}.json`), line);
  const query = await session.readStream.schema(rawBird).options(options).json(source)
    .transform(birds).writeStream.queryName("birds_stream").trigger(trigger).toTable("birds");
  await query.awaitTermination();
  return query.recentProgress.map((progress) => progress.numInputRows);
}

Deno.test("a batch takes files until their bytes reach maxBytesPerTrigger", async () => {
  for (
    const [maxBytesPerTrigger, expected] of [
      [1, [1, 1, 1, 1]],
      [100, [1, 1, 1, 1]],
      [101, [2, 2]],
      ["300 b", [3, 1]],
      ["1k", [4]],
    ] as const
  ) {
    await withSession(async (session, source) => {
      assert.deepEqual(await batchSizes(session, source, { maxBytesPerTrigger }, 4), expected);
    });
  }
});

Deno.test("of maxFilesPerTrigger and maxBytesPerTrigger, the one reached first counts", async () => {
  await withSession(async (session, source) => {
    const options = { maxFilesPerTrigger: 3, maxBytesPerTrigger: 200 };
    assert.deepEqual(await batchSizes(session, source, options, 5), [2, 2, 1]);
  });
  await withSession(async (session, source) => {
    const options = { maxFilesPerTrigger: 2, maxBytesPerTrigger: "1g" };
    assert.deepEqual(await batchSizes(session, source, options, 5), [2, 2, 1]);
  });
});

Deno.test("bytes are those on disk, and once takes no notice of them", async () => {
  await withSession(async (session, source) => {
    const packed = gzipSync(`{"name":"${"x".repeat(100_000)}"}\n`);
    assert.ok(packed.length < 1000);
    for (const name of ["a", "b", "c"]) writeFileSync(join(source, `${name}.json.gz`), packed);
    const options = { maxBytesPerTrigger: 2 * packed.length };
    assert.deepEqual(await batchSizes(session, source, options, 0), [2, 1]);
    assert.deepEqual(await batchSizes(session, source, options, 5, { once: true }), [5]);
  });
});

Deno.test("a size is a number of bytes, alone or with a unit as Spark writes it", () => {
  const examples: [number | string, number][] = [
    [1, 1],
    ["1", 1],
    ["100b", 100],
    ["10k", 10_240],
    ["10 KB", 10_240],
    [" 3m ", 3 * 1024 ** 2],
    ["10g", 10 * 1024 ** 3],
    ["1TB", 1024 ** 4],
  ];
  for (const [size, bytes] of examples) assert.equal(byteSize("limit", size), bytes);
  for (const size of ["", "0", "g", "1.5g", "-1", "1e3", "10 x", "9".repeat(30), 0, -1, 0.5, NaN]) {
    assert.throws(
      () => byteSize("limit", size),
      (error: Error) =>
        error.message ===
          `limit must be a number of bytes, or one with a unit such as "100m" or "10g", but is ${size}`,
    );
  }
});

Deno.test("a limit that is none is refused at the reader", async () => {
  await withSession((session) => {
    assert.throws(
      () => session.readStream.options({ maxBytesPerTrigger: "lots" }),
      /maxBytesPerTrigger must be a number of bytes/,
    );
    return Promise.resolve();
  });
});
