import assert from "node:assert/strict";
import { BirdsongError } from "../../lib/errors.ts";
import { type Expectation, expectationTotals } from "../../lib/streaming/expectations.ts";
import { readProgress } from "../../lib/streaming/checkpoint.ts";
import type { Session } from "../../lib/streaming/session.ts";
import type { StreamingQuery } from "../../lib/streaming/streaming_query.ts";
import { rawBird, withSession, writeLines } from "./with_session.ts";

/** Takes birds that are expected to be so and so. */
async function take(
  session: Session,
  source: string,
  expectations: Record<string, Expectation>,
): Promise<StreamingQuery> {
  const query = await session.readStream.schema(rawBird).options({ maxFilesPerTrigger: 1 })
    .json(source).transform({
      schema: rawBird,
      expectations,
      apply: ({ relation }) => `SELECT name, songs FROM ${relation}`,
    }).writeStream.queryName("birds_stream").trigger({ availableNow: true }).toTable("birds");
  await query.awaitTermination();
  return query;
}

const sings = (action: Expectation["action"]): Expectation => ({ expect: "songs > 0", action });

Deno.test("a row that does not meet an expectation is written with warn, and not with drop", async () => {
  for (const action of ["warn", "drop"] as const) {
    await withSession(async (session, source) => {
      writeLines(source, "a.json", { name: "wren", songs: 3 }, { name: "coot", songs: 0 });
      // A condition that is NULL is not met.
      writeLines(source, "b.json", { name: "unknown" });
      writeLines(source, "c.json", { name: "owl", songs: 1 });
      const query = await take(session, source, { sings: sings(action) });
      const written = await session.sql("SELECT list(name ORDER BY name) AS names FROM birds");
      assert.deepEqual(
        written[0].names,
        {
          warn: ["coot", "owl", "unknown", "wren"],
          drop: ["owl", "wren"],
        }[action],
      );
      const result = (passedRecords: number, failedRecords: number) => [
        { name: "sings", action, passedRecords, failedRecords },
      ];
      assert.deepEqual(
        query.recentProgress.map(({ expectations }) => expectations),
        [result(1, 1), result(0, 1), result(1, 0)],
      );
      for (const { numInputRows, sink, observedMetrics } of query.recentProgress) {
        const dropped = Number(observedMetrics.droppedRecords ?? 0);
        assert.equal(numInputRows, sink.numOutputRows + dropped);
      }
      assert.deepEqual(
        await session.sql("SELECT * EXCLUDE query FROM checkpoint.expectations ORDER BY batch_id"),
        [
          { batch_id: 0, name: "sings", action, passed: 1, failed: 1 },
          { batch_id: 1, name: "sings", action, passed: 0, failed: 1 },
          { batch_id: 2, name: "sings", action, passed: 1, failed: 0 },
        ],
      );
    });
  }
});

Deno.test("a row that must not be there ends the stream with an error that shows it, and writes nothing", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren", songs: 3 });
    writeLines(source, "b.json", { name: "owl", songs: 1 }, { name: "é".repeat(100), songs: -1 });
    await assert.rejects(take(session, source, { sings: sings("fail") }), (error: Error) => {
      assert.ok(error instanceof BirdsongError);
      assert.equal(
        error.message,
        '1 row does not meet the expectation "sings" (songs > 0), such as ' +
          `{"name":"${
            "é".repeat(40)
          }...","songs":-1}. Nothing of the batch has been written: mend ` +
          "the input, or give the expectation another action.",
      );
      assert.deepEqual(error.context, { expectation: "sings", failedRecords: 1 });
      return true;
    });
    assert.deepEqual(await session.sql("SELECT name FROM birds"), [{ name: "wren" }]);
    assert.equal((await readProgress(session.lake)).length, 1);
    const recorded = await session.sql("SELECT batch_id, failed FROM checkpoint.expectations");
    assert.deepEqual(recorded, [{ batch_id: 0, failed: 0 }]);
    await take(session, source, { sings: sings("drop") });
    assert.equal(await session.lake.count("birds"), 2);
  });
});

Deno.test("each expectation is checked on all rows, and a row is dropped once", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren", songs: 3 }, { songs: 0 }, {
      name: "coot",
      songs: 0,
    });
    const query = await take(session, source, {
      sings: sings("drop"),
      'has a "name"': { expect: "name IS NOT NULL", action: "drop" },
      "is no coot": { expect: "name <> 'coot'", action: "warn" },
    });
    const { expectations, observedMetrics, sink } = query.lastProgress!;
    assert.deepEqual(expectations.map(({ name, failedRecords }) => [name, failedRecords]), [
      ["sings", 2],
      ['has a "name"', 1],
      ["is no coot", 2],
    ]);
    assert.equal(observedMetrics.droppedRecords, 2);
    assert.equal(sink.numOutputRows, 1);
  });
});

Deno.test("of several expectations that must hold, the first that does not is named", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "coot", songs: 0 });
    await assert.rejects(
      take(session, source, {
        "is dropped": sings("drop"),
        "is a bird": { expect: "name IS NOT NULL", action: "fail" },
        "is a wren": { expect: "name = 'wren'", action: "fail" },
        "is an owl": { expect: "name = 'owl'", action: "fail" },
      }),
      /1 row does not meet the expectation "is a wren" \(name = 'wren'\), such as \{"name":"coot"/,
    );
    assert.equal(await session.lake.count("birds"), 0);
  });
});

Deno.test("the totals add up what all batches say of an expectation, by name", () => {
  const result = (name: string, passedRecords: number, failedRecords: number) => ({
    name,
    action: "warn" as const,
    passedRecords,
    failedRecords,
  });
  const totals = expectationTotals([
    { expectations: [result("it sings", 3, 1), result("it flies", 4, 0)] },
    { expectations: [] },
    { expectations: [result("it sings", 0, 2)] },
  ]);
  assert.deepEqual(totals, [result("it flies", 4, 0), result("it sings", 3, 3)]);
  assert.deepEqual(expectationTotals([]), []);
});
