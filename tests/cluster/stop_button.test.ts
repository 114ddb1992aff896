import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { interrupt, InterruptedError } from "../../lib/notebook/interrupt.ts";
import { openSession } from "../../lib/notebook/open_session.ts";
import { parameters } from "../../lib/settings.ts";
import { bronze, rawTweet } from "../../lib/tweets/bronze.ts";
import { withSpark } from "./with_spark.ts";

Deno.test("the stop button ends the query that a cell waits for, and its progress outlives the session", async () => {
  const source = mkdtempSync(join(tmpdir(), "birdsong-stop-"));
  writeFileSync(join(source, "a.json"), '{"text":"one"}\n{"text":"two"}\n');
  try {
    await withSpark("stop_button", async (other) => {
      const session = await openSession({
        ...parameters(),
        engine: other.client.server,
        sparkDatabase: "birdsong_test_stop_button",
      });
      const query = await session.readStream.schema(rawTweet).json(source).transform(bronze)
        .writeStream.queryName("bronze_stream").trigger({ processingTime: "1 second" })
        .toTable("bronze");
      while (query.isActive && !query.lastProgress) await sleep(200);
      const ended = assert.rejects(query.awaitTermination(), InterruptedError);
      interrupt();
      await ended;
      assert.equal(query.isActive, false);
      await session.close();

      const [batch] = await other.readProgress("bronze_stream");
      assert.deepEqual([batch.batchId, batch.numInputRows, batch.id], [0, 2, query.id]);
      assert.equal(await other.count("bronze"), 2);
    });
  } finally {
    rmSync(source, { recursive: true });
  }
});
