import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { listStreams } from "../../../lib/streaming/processes/list_streams.ts";
import { RunMark } from "../../../lib/streaming/processes/running.ts";
import { birds, rawBird, takeBirds, withSession, writeLines } from "../with_session.ts";

Deno.test("a stream is listed once, with its last batch of all runs, also while a second start is about to be refused", async () => {
  await withSession(async (session, source) => {
    const { lake } = session;
    for (const name of ["a", "b", "c"]) writeLines(source, `${name}.json`, { name });
    const ended = await takeBirds(session, source, 1);
    assert.deepEqual(await listStreams(lake), [], "one that has ended well is not");
    const query = await session.readStream.schema(rawBird).json(source).transform(birds).writeStream
      .queryName("birds_stream").trigger({ processingTime: "60 minutes" }).toTable("birds");
    const marks = ["birds_stream", "new_stream"].map((name) =>
      new RunMark(lake.folder, name, randomUUID(), () => {})
    );
    const listed = await listStreams(lake);
    assert.deepEqual(
      listed.map(({ name, runId, state, lastProgress }) => ({ name, runId, state, lastProgress })),
      [
        {
          name: "birds_stream",
          runId: query.runId,
          state: "running",
          lastProgress: (await session.readProgress("birds_stream")).at(-1),
        },
        // Its first start has not come to the checkpoint yet.
        { name: "new_stream", runId: marks[1].run.runId, state: "running", lastProgress: null },
      ],
    );
    assert.equal(listed[0].lastProgress?.batchId, 2);
    assert.equal(listed[0].lastProgress?.runId, ended.runId);
    for (const mark of marks) mark.end();
  });
});
