// Rules for the rows of a stream do the same on both engines.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EngineQuery, EngineSession } from "../../lib/streaming/engine.ts";
import type { Expectation } from "../../lib/streaming/expectations.ts";
import { Session } from "../../lib/streaming/session.ts";
import { withSpark } from "./with_spark.ts";

const rules = {
  'it\'s "short"': { expect: "length(text) < 5", action: "warn" },
  "it is there": { expect: "text <> ''", action: "drop" },
  "it is no number": { expect: "text NOT IN ('1', '2')", action: "drop" },
} satisfies Record<string, Expectation>;

Deno.test("a row that an expectation does not want is dropped and counted, or ends the stream", async () => {
  const folder = mkdtempSync(join(tmpdir(), "birdsong-expectations-"));
  const source = join(folder, "source");
  mkdirSync(source);
  const write = (file: string, texts: (string | null)[]) =>
    writeFileSync(join(source, file), texts.map((text) => JSON.stringify({ text })).join("\n"));
  const run = async (session: EngineSession, expectations: Record<string, Expectation>) => {
    const query = await session.readStream.schema({ text: "VARCHAR" }).json(source)
      .transform({
        schema: { text: "VARCHAR" },
        observe: { longest: "max(length(text))" },
        expectations,
        apply: ({ relation }) => `SELECT text FROM ${relation}`,
        spark: ({ relation }) => `SELECT text FROM ${relation}`,
      })
      .writeStream.queryName("texts_stream").trigger({ availableNow: true }).toTable("texts");
    await query.awaitTermination();
    return query;
  };
  try {
    await withSpark("expectations", async (spark) => {
      const embedded = await Session.open(join(folder, "lake"));
      write("1.json", ["good", "too long", "", "1", null]);
      const [here, there] = [await run(embedded, rules), await run(spark, rules)];
      assert.deepEqual(factsOf(there), factsOf(here));
      assert.equal(there.lastProgress!.observedMetrics.droppedRecords, 3);

      write("2.json", ["fine", "bad '\"\\ one"]);
      const strict: Record<string, Expectation> = {
        ...rules,
        "it is not bad": { expect: "text NOT LIKE 'bad%'", action: "fail" },
      };
      const reason =
        /not meet the expectation "it is not bad".*\{"text":"bad '.*Nothing of the batch/s;
      await assert.rejects(run(embedded, strict), reason);
      await assert.rejects(run(spark, strict), reason);
      for (const session of [embedded, spark]) {
        const rows = await session.sql("SELECT text FROM texts ORDER BY text");
        assert.deepEqual(rows.map(({ text }) => text), ["good", "too long"]);
      }
      await embedded.close();
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function factsOf({ lastProgress }: EngineQuery) {
  const { numInputRows, observedMetrics, expectations, sink } = lastProgress!;
  const { longest, droppedRecords } = observedMetrics;
  return { numInputRows, longest, droppedRecords, expectations, rows: sink.numOutputRows };
}
