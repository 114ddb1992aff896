import assert from "node:assert/strict";
import type { SparkSession } from "../../lib/spark/spark_session.ts";
import { ofTables, tableHistory, vacuumTable } from "../../lib/spark/tables.ts";

/** A database as `SHOW TABLE EXTENDED` tells of it. */
const database = [
  ["gold", "Type: MANAGED\nProvider: delta\nLocation: file:/warehouse/gold"],
  ["by_hand", "Type: EXTERNAL\nProvider: DELTA"],
  ["view", "Type: VIEW\nView Text: SELECT 'Provider: delta'"],
  ["other", "Type: MANAGED\nProvider: parquet"],
].map(([tableName, information]) => ({ tableName, information, isTemporary: false }));
const session = {
  sql: (query: string) => {
    assert.equal(query, "SHOW TABLE EXTENDED LIKE '*'");
    return Promise.resolve([...database, { ...database[0], tableName: "t", isTemporary: true }]);
  },
} as unknown as SparkSession;

const named = (table?: string) => ofTables(session, table, (_, name) => Promise.resolve(name));

Deno.test("what is done with all tables passes over views and tables that are not Delta's", async () => {
  assert.deepEqual(await named(), ["gold", "by_hand"]);
});

Deno.test("what is done with one table takes the one that is named", async () => {
  assert.deepEqual(await named("other"), ["other"]);
});

/** A session that answers each statement that begins so. */
function answering(answers: Record<string, object[]>): SparkSession {
  const sql = (query: string) =>
    Promise.resolve(Object.entries(answers).find(([start]) => query.startsWith(start))?.[1] ?? []);
  return { sql } as unknown as SparkSession;
}

Deno.test("history names a stream's batches, and other commits by what they did", async () => {
  const timestamp = new Date(0);
  const history = await tableHistory(
    answering({
      "DESCRIBE HISTORY": [{
        version: 1,
        timestamp,
        operation: "STREAMING UPDATE",
        operationParameters: [{ key: "queryId", value: "q" }, { key: "epochId", value: "7" }],
      }, { version: 0, timestamp, operation: "CREATE TABLE", operationParameters: null }],
    }),
    "gold",
    new Map([["q", "gold_stream"]]),
  );
  assert.deepEqual(history, [
    { version: 1, timestamp, operation: "APPEND", author: "gold_stream", message: "batch 7" },
    { version: 0, timestamp, operation: "CREATE TABLE", author: null, message: "create table" },
  ]);
});

Deno.test("vacuum tells how many files it has deleted, and nothing of what came before", async () => {
  const vacuum = (commit: object) =>
    vacuumTable(answering({ "DESCRIBE HISTORY": [commit] }), "gold");
  const operationMetrics = [{ key: "numDeletedFiles", value: "3" }];
  assert.equal(await vacuum({ operation: "VACUUM END", operationMetrics }), 3);
  assert.equal(await vacuum({ operation: "VACUUM END", operationMetrics: null }), 0);
  assert.equal(await vacuum({ operation: "WRITE", operationMetrics }), 0);
});
