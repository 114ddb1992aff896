import assert from "node:assert/strict";
import type { TableVersion } from "../../lib/lakehouse/history.ts";
import { originOf } from "../../lib/spark/origin.ts";
import type { StreamingQueryProgress } from "../../lib/streaming/progress.ts";

/** A table of three batches; the commit after the second one compacts it. */
const session = {
  history: () =>
    Promise.resolve(
      ["batch 2", "optimize", "batch 1", "batch 0", "create table"].map((message, index) => ({
        version: 4 - index,
        message,
      })) as TableVersion[],
    ),
  readProgress: (query: string) =>
    Promise.resolve(
      [[3, -1], [4, 1], [6, -1]].map(([reservoirVersion, index], batchId) => ({
        name: query,
        batchId,
        sources: [{ endOffset: { reservoirVersion, index } }],
      })) as unknown as StreamingQueryProgress[],
    ),
};

Deno.test("a version of a Delta table tells its batches, and the version of the source they have read", async () => {
  const origins = [];
  for (const version of [0, 1, 2, 3, 4]) {
    const { progress, sourceVersion } = await originOf(session, "gold", version);
    assert.ok(progress.every(({ name }) => name === "gold_stream"));
    origins.push([progress.length, sourceVersion]);
  }
  // An offset before a version's first file means that the version before it was the last one read.
  assert.deepEqual(origins, [[0, undefined], [1, 2], [2, 4], [2, 4], [3, 5]]);
});

Deno.test("where the last batch's record is missing, an earlier one does not stand for it", async () => {
  const readProgress = async (query: string) =>
    (await session.readProgress(query)).filter(({ batchId }) => batchId !== 1);
  const origin = await originOf({ ...session, readProgress }, "gold", 3);
  assert.deepEqual([origin.progress.length, origin.sourceVersion], [1, undefined]);
  assert.equal((await originOf({ ...session, readProgress }, "gold", 4)).sourceVersion, 5);
});

Deno.test("of a table that no stream has made, nobody knows the source", async () => {
  const origin = await originOf({ ...session, readProgress: () => Promise.resolve([]) }, "gold", 4);
  assert.deepEqual(origin, { progress: [], sourceVersion: undefined });
});

Deno.test("the table's history may be as long as a stream makes it in days", async () => {
  const history = Array.from({ length: 200_000 }, (_, version) => {
    return { version, message: `batch ${version % 3}` } as TableVersion;
  }).reverse();
  const long = { ...session, history: () => Promise.resolve(history) };
  assert.equal((await originOf(long, "gold", 200_000)).sourceVersion, 5);
});
