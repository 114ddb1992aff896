import assert from "node:assert/strict";
import type { LoggedBatch } from "../../lib/spark/batch_log.ts";
import { type BatchLimits, DeltaSource } from "../../lib/spark/delta_source.ts";
import { SparkMergeQuery } from "../../lib/spark/merge_query.ts";
import type { SparkSession } from "../../lib/spark/spark_session.ts";
import { BirdsongError } from "../../lib/errors.ts";
import type { ForeachBatch } from "../../lib/streaming/sink.ts";
import type { Trigger } from "../../lib/streaming/triggers/trigger.ts";

/** What Delta keeps of a batch that has been merged. */
interface Merged {
  batchId: number;
  startVersion: number;
  endVersion: number;
}

/** What Delta keeps: the source, the last batch begun, and those in the target. */
interface Delta {
  /** Files and rows that came with each of the source's versions. */
  versions: { files: number; rows: number }[];
  sourceId: string;
  last?: LoggedBatch;
  merged: Merged[];
  /** Called before a statement runs; may throw. */
  before?: (sql: string) => void;
}

function deltaOf(versions: number, last?: LoggedBatch): Delta {
  return {
    versions: Array.from({ length: versions }, () => ({ files: 2, rows: 10 })),
    sourceId: "gold-id",
    last,
    merged: last?.done ? [mergedOf(last)] : [],
  };
}

function mergedOf({ batchId, startVersion, endVersion }: LoggedBatch): Merged {
  return { batchId, startVersion, endVersion };
}

/** A session that answers the query's own statements as Spark and Delta do. */
function sessionOf(delta: Delta): SparkSession {
  const configured: Record<string, string> = {};
  let range = "";
  const sql = (query: string) => {
    delta.before?.(query);
    const numbers = (text: string) => [...text.matchAll(/\d+/g)].map(([digits]) => Number(digits));
    if (query.startsWith("DESCRIBE HISTORY")) {
      const commits = delta.versions.map(({ files, rows }, version) => ({
        version,
        operationMetrics: version === 0 ? null : [{ key: "numAddedFiles", value: `${files}` }, {
          key: "numOutputRows",
          value: `${rows}`,
        }],
      }));
      return commits.reverse().slice(0, numbers(query.slice(query.indexOf("LIMIT")))[0]);
    }
    if (query.startsWith("DESCRIBE DETAIL")) return [{ id: delta.sourceId }];
    if (query.startsWith("SELECT batch_id")) return delta.last ? [delta.last] : [];
    if (query.startsWith("SELECT count(*)")) return [{ numInputRows: 1 }];
    if (query.startsWith("UPDATE birdsong_batches SET done = true")) {
      assert.equal(delta.last!.batchId, numbers(query).at(-1));
      delta.last!.done = true;
    } else if (query.startsWith("CREATE OR REPLACE TEMP VIEW")) {
      range = /table_changes\('gold', (\d+, \d+)\)/.exec(query)![1];
    } else if (query.startsWith("MERGE INTO birdsong_batches")) {
      const [batchId, startVersion, endVersion] = numbers(query.replace(/'[^']*'/g, ""));
      const { last, sourceId } = delta;
      const written = !last || (last.done && last.batchId < batchId);
      if (written) delta.last = { batchId, sourceId, startVersion, endVersion, done: false };
      return [{ num_affected_rows: written ? 1 : 0 }];
    } else if (query.startsWith("MERGE INTO target")) {
      assert.equal(configured["spark.databricks.delta.write.txnAppId"], "app");
      const batchId = Number(configured["spark.databricks.delta.write.txnVersion"]);
      if (delta.merged.some((batch) => batch.batchId >= batchId)) return [];
      const [startVersion, endVersion] = numbers(range);
      delta.merged.push({ batchId, startVersion, endVersion });
      return [{ num_affected_rows: 1 }];
    }
    return [];
  };
  const session = {
    sql: (query: string) => Promise.resolve().then(() => sql(query)),
    client: { setConfig: (values: object) => Promise.resolve(Object.assign(configured, values)) },
    another: () => Promise.resolve(session),
    close: () => Promise.resolve(),
  };
  return session as never;
}

async function run(
  delta: Delta,
  limits: BatchLimits = {},
  trigger: Trigger = { availableNow: true },
  merge: ForeachBatch = (connection, batch) => connection.run(`MERGE INTO target USING ${batch}`),
): Promise<SparkMergeQuery> {
  const session = sessionOf(delta);
  const query = await SparkMergeQuery.start({
    session,
    name: "application_stream",
    appId: "app",
    source: new DeltaSource(session, "gold", limits),
    transform: {
      schema: {},
      apply: () => "",
      spark: ({ relation }) => `SELECT * FROM ${relation}`,
    },
    merge,
    trigger,
  });
  await query.awaitTermination();
  return query;
}

const first = { batchId: 0, sourceId: "gold-id", startVersion: 0, endVersion: 3 };

Deno.test("a batch that was begun and not merged is run again with its versions, then the rest", async () => {
  const delta = deltaOf(6, { ...first, done: false });
  const query = await run(delta);
  assert.deepEqual(delta.merged, [
    { batchId: 0, startVersion: 0, endVersion: 3 },
    { batchId: 1, startVersion: 4, endVersion: 5 },
  ]);
  assert.deepEqual(query.recentProgress.map(({ batchId }) => batchId), [0, 1]);
  assert.equal(delta.last!.done, true);
});

Deno.test("a batch that was merged and not marked is not merged twice, nor are its files read", async () => {
  const delta = deltaOf(4, { ...first, done: false });
  delta.merged.push(mergedOf(delta.last!));
  delta.before = (sql) => {
    if (sql.startsWith("SELECT count(*)")) throw new Error("vacuum has deleted the files");
  };
  const query = await run(delta);
  assert.equal(delta.last!.done, true);
  assert.deepEqual([delta.merged.length, query.recentProgress], [1, []]);
});

Deno.test("a batch that is done is not looked at again", async () => {
  const delta = deltaOf(4, { ...first, done: true });
  delta.before = (sql) => {
    if (/table_changes|MERGE/.test(sql)) throw new Error(`vacuum has deleted the files: ${sql}`);
  };
  await run(delta);
});

Deno.test("a batch whose merge failed is not marked", async () => {
  const delta = deltaOf(4);
  delta.before = (sql) => {
    if (sql.startsWith("MERGE INTO target")) throw new Error("no space");
  };
  await assert.rejects(run(delta), /application_stream failed: no space/);
  assert.deepEqual([delta.last!.batchId, delta.last!.done], [0, false]);
});

Deno.test("a second statement of a batch is refused: Delta would leave it out without a word", async () => {
  const delta = deltaOf(4);
  const twice: ForeachBatch = async (connection, batch) => {
    await connection.run(`MERGE INTO target USING ${batch}`);
    return await connection.run(`MERGE INTO target USING ${batch}`);
  };
  const running = run(delta, {}, { availableNow: true }, twice);
  await assert.rejects(
    running,
    /runs one statement.* What the first one has written stays: .*drop/,
  );
  assert.equal(delta.last!.done, false);
});

Deno.test("a statement that has no answer is no reason to take a new batch for merged before", async () => {
  const delta = deltaOf(4);
  const insert: ForeachBatch = async (connection, batch) => {
    await connection.run(`INSERT INTO target SELECT * FROM ${batch}`);
    return 7;
  };
  const { recentProgress } = await run(delta, {}, { availableNow: true }, insert);
  assert.deepEqual(recentProgress.map(({ sink }) => sink.numOutputRows), [7]);
  assert.equal(delta.last!.done, true);
});

Deno.test("a new batch that Delta leaves out, as it has one of the number, is an error and not marked", async () => {
  const delta = deltaOf(4);
  delta.merged.push({ batchId: 2, startVersion: 0, endVersion: 3 });
  await assert.rejects(run(delta), /Delta has left out batch 0.* birdsong_batches was deleted/);
  assert.equal(delta.last!.done, false);
});

Deno.test("a batch that someone else has begun meanwhile is run with their versions", async () => {
  const delta = deltaOf(6);
  delta.before = (sql) => {
    if (/INTO birdsong_batches/.test(sql)) delta.last ??= { ...first, done: false };
  };
  await run(delta);
  assert.deepEqual(delta.merged, [
    { batchId: 0, startVersion: 0, endVersion: 3 },
    { batchId: 1, startVersion: 4, endVersion: 5 },
  ]);
});

Deno.test("availableNow takes what is there when it begins, and ends", async () => {
  const delta = deltaOf(3);
  delta.before = (sql) => {
    if (sql.startsWith("MERGE INTO target")) delta.versions.push({ files: 1, rows: 1 });
  };
  await run(delta);
  assert.deepEqual(delta.merged, [{ batchId: 0, startVersion: 0, endVersion: 2 }]);
});

Deno.test("a batch takes as many versions as the limits allow, and at least one", async () => {
  const ends = async (limits: BatchLimits, trigger?: Trigger) => {
    const delta = deltaOf(6);
    delta.versions[4] = { files: 9, rows: 90 };
    await run(delta, limits, trigger);
    return delta.merged.map(({ endVersion }) => endVersion);
  };
  // Version 0 makes the table.
  assert.deepEqual(await ends({ maxFilesPerTrigger: 4 }), [2, 3, 4, 5]);
  assert.deepEqual(await ends({ maxRowsPerTrigger: 39 }), [3, 4, 5]);
  assert.deepEqual(await ends({ maxRowsPerTrigger: 1 }), [0, 1, 2, 3, 4, 5]);
  assert.deepEqual(await ends({ maxRowsPerTrigger: 1 }, { once: true }), [5]);
  assert.deepEqual(await ends({}), [5]);
});

Deno.test("a source that was dropped and made anew is an error, however long it is", async () => {
  for (const versions of [2, 9]) {
    for (const done of [true, false]) {
      const delta = { ...deltaOf(versions, { ...first, done }), sourceId: "another id" };
      await assert.rejects(run(delta), (error) => {
        assert(error instanceof BirdsongError);
        assert.match(error.message, /gold is not the table whose rows up to version 3.*dropped/);
        return true;
      });
      assert.equal(delta.merged.length, done ? 1 : 0);
    }
  }
});
