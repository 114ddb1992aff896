import assert from "node:assert/strict";
import { streamProgress } from "../../lib/notebook/stream_progress.ts";
import type { Transform } from "../../lib/streaming/transform.ts";
import { birds, rawBird, withSession, writeLines } from "../streaming/with_session.ts";
import { onTerminal } from "./on_terminal.ts";

const trigger = { availableNow: true } as const;

/** The bars' texts, without the bars. */
function texts(written: string[]): string[] {
  return written.map((text) => text.replace(/ \[[#.]+\]/, "").trim());
}

Deno.test("a stream's bar counts the files taken and those that wait, and ends full", async () => {
  await withSession(async (session, source) => {
    const run = async () => {
      const query = await session.readStream.schema(rawBird).options({ maxFilesPerTrigger: 2 })
        .json(source).transform(birds).writeStream.queryName("birds_stream").trigger(trigger)
        .toTable("birds");
      await query.awaitTermination();
    };
    session.streams.addListener(streamProgress());
    for (const name of ["a", "b", "c"]) writeLines(source, `${name}.json`, { name });
    const first = texts(await onTerminal(run));
    assert.equal(first[0], "birds_stream: files taken 0 of 3");
    assert.equal(first.at(-1), "birds_stream: files taken 3 of 3");
    // What an earlier run has taken does not count.
    writeLines(source, "d.json", { name: "d" });
    const second = texts(await onTerminal(run));
    assert.equal(second[0], "birds_stream: files taken 0 of 1");
    assert.deepEqual(await onTerminal(run), [], "nothing is new, and nothing shown");
  });
});

Deno.test("a stream of a table counts rows", async () => {
  await withSession(async (session, source) => {
    for (const name of ["a", "b", "c"]) writeLines(source, `${name}.json`, { name });
    const query = await session.readStream.schema(rawBird).json(source).transform(birds)
      .writeStream.queryName("birds_stream").trigger(trigger).toTable("birds");
    await query.awaitTermination();
    const songs: Transform = {
      schema: { name: "VARCHAR" },
      apply: ({ relation }) => `SELECT name FROM ${relation}`,
    };
    session.streams.addListener(streamProgress());
    const written = await onTerminal(async () => {
      const query = await session.readStream.options({ maxRowsPerTrigger: 2 }).table("birds")
        .transform(songs).writeStream.queryName("songs_stream").trigger(trigger).toTable("songs");
      await query.awaitTermination();
    });
    assert.equal(texts(written)[0], "songs_stream: rows taken 0 of 3");
    assert.equal(texts(written).at(-1), "songs_stream: rows taken 3 of 3");
  });
});
