import assert from "node:assert/strict";
import { clearPreviousRun } from "../../lib/spark/clear.ts";

function sessionOf(active: string[]) {
  const statements: string[] = [];
  const session = {
    streams: { active: active.map((name) => ({ name })), flush: () => Promise.resolve() },
    sql: (query: string) => Promise.resolve(statements.push(query)),
  };
  return { session: session as never, statements };
}

Deno.test("clearing drops the tables and the records, but not the log of batches that Delta has", async () => {
  const { session, statements } = sessionOf([]);
  await clearPreviousRun(session, ["bronze", "gold`s"]);
  assert.deepEqual(statements, [
    "DROP TABLE IF EXISTS `bronze`",
    "DROP TABLE IF EXISTS `gold``s`",
    "DROP TABLE IF EXISTS `birdsong_progress`",
  ]);
});

Deno.test("nothing is cleared while streams run", async () => {
  const { session, statements } = sessionOf(["gold_stream"]);
  await assert.rejects(clearPreviousRun(session, ["gold"]), /while streams run: gold_stream/);
  assert.deepEqual(statements, []);
});
