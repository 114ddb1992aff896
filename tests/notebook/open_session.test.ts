import assert from "node:assert/strict";
import { join } from "node:path";
import { interrupt, InterruptedError } from "../../lib/notebook/interrupt.ts";
import { openLake } from "../../lib/notebook/open_session.ts";
import { parameters } from "../../lib/settings.ts";

Deno.test("a notebook for the embedded engine says so where a Spark cluster is set", () => {
  const settings = { ...parameters(), engine: "sc://spark" };
  assert.throws(() => openLake(settings), ({ message, stack }: Error) => {
    assert.match(
      message,
      /BIRDSONG_ENGINE is sc:\/\/spark, but this notebook .* embedded engine only: unset it/,
    );
    assert.equal(stack, `BirdsongError: ${message}`, "the sentence alone");
    return true;
  });
});

Deno.test("the stop button ends a running stream with an error, and the next run goes on", async () => {
  const folder = await Deno.makeTempDir();
  const source = join(folder, "source");
  await Deno.mkdir(source);
  await Deno.writeTextFile(join(source, "a.json"), '{"text":"one"}\n');
  const session = await openLake(join(folder, "lake"));
  assert.equal(await openLake(join(folder, "lake")), session, "a cell that runs again");
  const stream = session.readStream.schema({ text: "VARCHAR" }).json(source)
    .transform({
      schema: { text: "VARCHAR" },
      apply: ({ relation }) => `SELECT text FROM ${relation}`,
    })
    .writeStream.queryName("endless");
  const running = await stream.trigger({ processingTime: "100 ms" }).toTable("texts");
  while (!running.lastProgress) await new Promise((resolve) => setTimeout(resolve, 20));
  const ended = assert.rejects(running.awaitTermination(), InterruptedError);
  interrupt();
  await ended;
  assert.equal(running.isActive, false);

  await Deno.writeTextFile(join(source, "b.json"), '{"text":"two"}\n');
  const again = await stream.trigger({ availableNow: true }).toTable("texts");
  await again.awaitTermination();
  assert.deepEqual(await session.sql("SELECT text FROM texts ORDER BY text"), [
    { text: "one" },
    { text: "two" },
  ]);
  await session.close();
  await Deno.remove(folder, { recursive: true });
});
