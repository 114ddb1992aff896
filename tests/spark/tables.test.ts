import assert from "node:assert/strict";
import type { SparkSession } from "../../lib/spark/spark_session.ts";
import { ofTables } from "../../lib/spark/tables.ts";

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
