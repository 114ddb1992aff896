import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { projectPath } from "../../lib/paths.ts";
import { Session } from "../../lib/streaming/session.ts";
import { runChain } from "./chain.ts";
import { writeInput } from "./input.ts";
import { ProcessKeeper } from "./process_keeper.ts";
import type { BatchReport, StreamOrder } from "./stream.ts";
import { verifyChain, verifyStage } from "./verify.ts";

const limitSeconds = 900;

Deno.test("streams that are killed all the time, on a lake that is optimized and vacuumed, lose no row and double none", async () => {
  const folder = await Deno.makeTempDir();
  const [source, lake] = [join(folder, "source"), join(folder, "lake")];
  try {
    const input = writeInput(source, 90);
    const report = await runChain({
      source,
      lake,
      rows: input.length,
      kills: 30,
      secondsPerKill: 1,
      secondsPaused: 5,
      maintenance: { retainMs: 4000, pauseMs: 500 },
    }, limitSeconds);
    await verifyChain(lake, source, input);
    assert.deepEqual(report.errors, []);
    assert.ok(report.killed + report.died >= 20, JSON.stringify(report));
    assert.ok(report.maintained > 0, "the lake has not been optimized once");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("of two processes that run one query, the second is refused; where both run all the same, one is told to stop and nothing is doubled", async () => {
  const folder = await Deno.makeTempDir();
  const [source, lake] = [join(folder, "source"), join(folder, "lake")];
  const deadline = Date.now() + 1000 * limitSeconds;
  const until = async (what: string, condition: () => boolean) => {
    while (!condition()) {
      assert.ok(Date.now() < deadline, `${what}: not seen in ${limitSeconds} seconds`);
      await sleep(50);
    }
  };
  const files = 150;
  const input = writeInput(source, files);
  let batches = 0;
  const order: StreamOrder = { lake, source, stage: "a" };
  const keepers = [1, 2].map(() =>
    new ProcessKeeper(
      projectPath("tests/fault/stream.ts"),
      () => order,
      (batch: BatchReport) => batches = Math.max(batches, batch.batchId + 1),
    )
  );
  const [first, second] = keepers;
  const said = (pattern: RegExp) =>
    keepers.flatMap(({ errors }) => errors).some((error) => pattern.test(error));
  try {
    first.start();
    await until("a batch", () => batches > 0);
    second.start();
    await until("the refusal", () => said(/^a_stream is running already in process \d+/));
    // As if the first had been frozen for so long that it was taken for dead.
    rmSync(join(lake, "running"), { recursive: true });
    await until("the last batch", () => batches === files);
    await Promise.all(keepers.map((keeper) => keeper.stop()));
    const session = await Session.open(lake);
    await verifyStage(session, "a", source, input);
    await session.close();
    const others = keepers.flatMap(({ errors }) => errors)
      .filter((error) => !/is running already|runs in another process too/.test(error));
    assert.deepEqual(others, []);
    assert.ok(said(/^a_stream runs in another process too/), "both have run to the end");
  } finally {
    await Promise.all(keepers.map((keeper) => keeper.stop()));
    await Deno.remove(folder, { recursive: true });
  }
});
