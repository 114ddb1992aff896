import assert from "node:assert/strict";
import type { Batch } from "../../lib/spark/batch_log.ts";
import { SparkMergeQuery } from "../../lib/spark/merge_query.ts";
import type { SparkSession } from "../../lib/spark/spark_session.ts";
import { BirdsongError } from "../../lib/errors.ts";

/** What Delta keeps: the source's last version, the batches begun, and those in the target. */
interface Delta {
  version: number;
  begun: Batch[];
  merged: Batch[];
  /** Called before a statement runs. */
  before?: (sql: string) => void;
}

/** A session that answers the query's own statements as Spark and Delta do. */
function sessionOf(delta: Delta): SparkSession {
  const configured: Record<string, string> = {};
  let range = "";
  const sql = (query: string) => {
    delta.before?.(query);
    const numbers = (text: string) => [...text.matchAll(/\d+/g)].map(([digits]) => Number(digits));
    if (query.startsWith("DESCRIBE HISTORY")) return [{ version: delta.version }];
    if (query.startsWith("SELECT batch_id")) return delta.begun.slice(-1);
    if (query.startsWith("SELECT count(*)")) return [{ numInputRows: 1 }];
    if (query.startsWith("CREATE OR REPLACE TEMP VIEW")) {
      range = /table_changes\('gold', (\d+, \d+)\)/.exec(query)![1];
    } else if (query.startsWith("MERGE INTO birdsong_batches")) {
      const [batchId, startVersion, endVersion] = numbers(query.replace(/'[^']*'/, ""));
      if (!delta.begun.some((batch) => batch.batchId === batchId)) {
        delta.begun.push({ batchId, startVersion, endVersion });
      }
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

async function run(delta: Delta): Promise<SparkMergeQuery> {
  const query = await SparkMergeQuery.start({
    session: sessionOf(delta),
    name: "application_stream",
    appId: "app",
    table: "gold",
    transform: {
      schema: {},
      apply: () => "",
      spark: ({ relation }) => `SELECT * FROM ${relation}`,
    },
    merge: (connection, batch) => connection.run(`MERGE INTO target USING ${batch}`),
    trigger: { availableNow: true },
  });
  await query.awaitTermination();
  return query;
}

Deno.test("a batch that was begun and not merged is run again with its versions, then the rest", async () => {
  const first = { batchId: 0, startVersion: 0, endVersion: 3 };
  const delta: Delta = { version: 5, begun: [first], merged: [] };
  const query = await run(delta);
  assert.deepEqual(delta.merged, [first, { batchId: 1, startVersion: 4, endVersion: 5 }]);
  assert.deepEqual(query.recentProgress.map(({ batchId }) => batchId), [0, 1]);
});

Deno.test("a batch that was merged is not merged twice, and has no progress", async () => {
  const first = { batchId: 0, startVersion: 0, endVersion: 3 };
  const delta: Delta = { version: 3, begun: [first], merged: [first] };
  const query = await run(delta);
  assert.deepEqual([delta.merged, query.recentProgress], [[first], []]);
});

Deno.test("a batch that someone else has begun meanwhile is run with their versions", async () => {
  const theirs = { batchId: 0, startVersion: 0, endVersion: 3 };
  const delta: Delta = { version: 5, begun: [], merged: [] };
  delta.before = (sql) => {
    if (/INTO birdsong_batches/.test(sql) && delta.begun.length === 0) delta.begun.push(theirs);
  };
  await run(delta);
  assert.deepEqual(delta.merged, [theirs]);
  await run(delta);
  assert.deepEqual(delta.merged, [theirs, { batchId: 1, startVersion: 4, endVersion: 5 }]);
});

Deno.test("availableNow takes what is there when it begins, and ends", async () => {
  const delta: Delta = { version: 2, begun: [], merged: [] };
  delta.before = (sql) => {
    if (sql.startsWith("MERGE INTO target")) delta.version = 3;
  };
  await run(delta);
  assert.deepEqual(delta.merged, [{ batchId: 0, startVersion: 0, endVersion: 2 }]);
});

Deno.test("a source that was dropped and made anew is an error, not a stream without data", async () => {
  const first = { batchId: 0, startVersion: 0, endVersion: 3 };
  await assert.rejects(run({ version: 1, begun: [first], merged: [first] }), (error) => {
    assert(error instanceof BirdsongError);
    assert.match(error.message, /last version of gold is 1.*up to version 3.*dropped/);
    return true;
  });
});
