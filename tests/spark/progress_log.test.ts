import assert from "node:assert/strict";
import { ProgressLog } from "../../lib/spark/progress_log.ts";
import { bindParameters } from "../../lib/spark/sql.ts";
import type { StreamingQueryProgress } from "../../lib/streaming/progress.ts";

function record(id: string, batchId: number): { query: string; id: string; record: string } {
  return { query: "gold_stream", id, record: JSON.stringify({ id, batchId }) };
}

Deno.test("records are written in one statement, whatever they hold, and none where there are none", async () => {
  const statements: string[] = [];
  const log = new ProgressLog({
    sql: (query, parameters) => {
      statements.push(bindParameters(query, parameters));
      return Promise.resolve([]);
    },
    tableExists: () => Promise.resolve(true),
  });
  await log.append([]);
  assert.deepEqual(statements, []);
  const names = ["it's $query_1", "b"];
  await log.append(
    names.map((name, batchId) => ({ name, id: "i", batchId }) as StreamingQueryProgress),
  );
  assert.equal(statements.length, 1);
  assert.match(
    statements[0],
    /^INSERT INTO birdsong_progress VALUES \('it\\'s \$query_1', 'i', 0, /,
  );
  assert.match(statements[0], /\), \('b', 'i', 1, /);
});

Deno.test("what a query did before its table was dropped is not read", async () => {
  const rows = [record("old", 0), record("old", 1), record("new", 0)];
  const log = new ProgressLog({
    sql: () => Promise.resolve(rows as never[]),
    tableExists: () => Promise.resolve(true),
  });
  assert.deepEqual(await log.read("gold_stream"), [{ id: "new", batchId: 0 }]);
});

Deno.test("before the first batch there are no records", async () => {
  const log = new ProgressLog({
    sql: () => Promise.reject(new Error("there is no table")),
    tableExists: () => Promise.resolve(false),
  });
  assert.deepEqual(await log.read(), []);
});
