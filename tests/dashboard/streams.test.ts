import assert from "node:assert/strict";
import { readStreams } from "../../lib/dashboard/streams.ts";
import { OtherProcess } from "../streaming/other_process.ts";
import { takeBirds, withSession, writeLines } from "../streaming/with_session.ts";

Deno.test("readStreams() tells what runs, what has ended, and whose process died", async () => {
  await withSession(async (session, source) => {
    const { lake } = session;
    const states = async () =>
      (await readStreams(lake)).map(({ name, state, lastBatch }) =>
        `${name} ${state} ${lastBatch?.id}: ${lastBatch?.rows}`
      );
    assert.deepEqual(await states(), []);
    writeLines(source, "one.json", { name: "wren" }, { name: "robin" });
    await takeBirds(session, source);
    assert.deepEqual(await states(), ["birds_stream ended 0: 2"]);
    const other = new OtherProcess(lake.folder, source);
    await other.prints("started");
    assert.deepEqual(await states(), ["birds_stream running 0: 2"]);
    writeLines(source, "two.json", { name: "owl" });
    await other.prints("batch 1");
    await other.kill();
    assert.deepEqual(await states(), ["birds_stream dead 1: 1"]);
  });
});
