import assert from "node:assert/strict";
import { mkdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { Session } from "../../../lib/streaming/session.ts";
import { readRuns } from "../../../lib/streaming/processes/running.ts";
import { withFolder } from "../../lakehouse/with_lake.ts";
import { OtherProcess } from "../other_process.ts";
import { takeBirds, withSession, writeLines } from "../with_session.ts";

Deno.test("of processes that start a query at the same moment one wins, on a new lake and over a dead run; no row comes twice", async () => {
  await withFolder(async (folder) => {
    const [lake, source] = [join(folder, "lake"), join(folder, "source")];
    mkdirSync(source);
    let contenders = Array.from(
      { length: 4 },
      () => new OtherProcess(lake, source, "start_on_word.ts"),
    );
    const all = [...contenders];
    try {
      await Promise.all(contenders.map((process) => process.prints("ready")));
      // In the first round there is no lake; in each later one the last winner has just been killed.
      let round = 0;
      for (; contenders.length > 1; round++) {
        writeLines(source, `${round}.json`, { name: `bird ${round}` });
        for (const process of contenders) process.tell(`${round}`);
        const answers = await Promise.all(
          contenders.map((process) => process.prints(new RegExp(`^${round} `))),
        );
        const winners = contenders.filter((_, place) => answers[place] === `${round} won`);
        assert.equal(winners.length, 1, answers.join("\n"));
        const [winner] = winners;
        for (const answer of answers.filter((answer) => answer !== `${round} won`)) {
          assert.match(
            answer,
            new RegExp(`refused: birds_stream is running already in process ${winner.pid} on `),
          );
        }
        await winner.prints(`batch ${round}`);
        await winner.kill();
        contenders = contenders.filter((process) => process !== winner);
      }
      const session = await Session.open(lake);
      const rows = await session.sql("SELECT name FROM birds ORDER BY name");
      assert.deepEqual(rows, Array.from({ length: round }, (_, n) => ({ name: `bird ${n}` })));
      const queries = await session.sql("SELECT name, batch_id FROM checkpoint.queries");
      assert.deepEqual(queries, [{ name: "birds_stream", batch_id: round - 1 }]);
      await session.close();
    } finally {
      await Promise.all(all.map((process) => process.kill()));
    }
  });
});

/** Freezes a process that runs the query, has another run take it over, and wakes it. */
async function overtakeFrozen(
  session: Session,
  source: string,
  takeOver: () => Promise<void>,
): Promise<void> {
  const { folder } = session.lake;
  writeLines(source, "a.json", { name: "wren" });
  const other = new OtherProcess(folder, source);
  try {
    await other.prints("batch 0");
    const wake = other.freeze();
    const [{ runId }] = readRuns(folder);
    const minuteAgo = new Date(Date.now() - 60_000);
    utimesSync(join(folder, "running", `birds_stream.${runId}.json`), minuteAgo, minuteAgo);
    assert.deepEqual(readRuns(folder).map(({ state }) => state), ["dead"]);
    await takeOver();
    wake();
    assert.match(
      await other.prints(/^failed: /),
      /^failed: birds_stream runs in another process too, which has taken it over/,
    );
    assert.equal(await other.ends(), 0);
  } finally {
    await other.kill();
  }
  assert.deepEqual(readRuns(folder), [], "it is nobody's failure");
}

Deno.test("a frozen process whose query was taken over wakes, ends with an error, and writes nothing", async () => {
  await withSession(async (session, source) => {
    await overtakeFrozen(session, source, async () => {
      writeLines(source, "b.json", { name: "owl" });
      const query = await takeBirds(session, source);
      assert.equal(query.lastProgress?.batchId, 1);
      // What it would take, were it still the query's run.
      writeLines(source, "c.json", { name: "robin" });
    });
    const names = await session.sql("SELECT name FROM birds ORDER BY name");
    assert.deepEqual(names, [{ name: "owl" }, { name: "wren" }]);
  });
});

Deno.test("it ends even where there is nothing for it to take", async () => {
  await withSession(async (session, source) => {
    await overtakeFrozen(session, source, async () => void await takeBirds(session, source));
    assert.equal(await session.lake.count("birds"), 1);
  });
});
