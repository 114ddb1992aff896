import assert from "node:assert/strict";
import { TriggerTimer } from "../../../lib/streaming/triggers/trigger_timer.ts";

Deno.test("the steps of a trigger add up, also where the machine's time is set back", () => {
  const times = [1000, 1005, 1025, 400, 430, 430, 431];
  const timer = new TriggerTimer({ now: () => times.shift()!, waitUntil: () => Promise.resolve() });
  assert.equal(timer.start, 1000);
  for (const step of ["latestOffset", "getBatch", "addBatch", "addBatch"] as const) {
    timer.spentOn(step);
  }
  timer.spentOn("commitOffsets");
  timer.spentOn("commitOffsets");
  assert.deepEqual(timer.durationMs, {
    latestOffset: 5,
    getBatch: 20,
    addBatch: 30,
    commitOffsets: 1,
    triggerExecution: 56,
  });
});
