import assert from "node:assert/strict";
import { systemClock } from "../../../lib/streaming/triggers/clock.ts";

const never = new AbortController().signal;

Deno.test("the machine's clock waits until a time has come, not less", async () => {
  for (let repeat = 0; repeat < 20; repeat++) {
    const time = systemClock.now() + 3;
    await systemClock.waitUntil(time, never);
    assert.ok(systemClock.now() >= time);
  }
});

Deno.test("the machine's clock does not wait for what has passed", async () => {
  await systemClock.waitUntil(systemClock.now(), never);
  await systemClock.waitUntil(0, never);
});

Deno.test("a wait ends with the signal, also one that is longer than a timer can be", async () => {
  for (const milliseconds of [60_000, 2 ** 40, Infinity]) {
    const abort = new AbortController();
    const waiting = systemClock.waitUntil(systemClock.now() + milliseconds, abort.signal);
    const first = await Promise.race([
      waiting.then(() => "time", () => "abort"),
      systemClock.waitUntil(systemClock.now() + 5, never).then(() => "still waiting"),
    ]);
    assert.equal(first, "still waiting", `${milliseconds}`);
    abort.abort();
    await assert.rejects(waiting, { name: "AbortError" });
    await assert.rejects(systemClock.waitUntil(0, abort.signal), { name: "AbortError" });
  }
});
