import assert from "node:assert/strict";
import type { Trigger } from "../../../lib/streaming/triggers/trigger.ts";
import { executeTriggers } from "../../../lib/streaming/triggers/trigger_executor.ts";
import { ManualClock } from "./manual_clock.ts";

/** What a trigger finds, and how long it takes, in milliseconds. */
interface Work {
  data: boolean;
  takes: number;
}

/** Runs triggers that do this work one after the other, and then wait for more; says when they began. */
function start(trigger: Trigger, clock: ManualClock, work: Work[]) {
  const abort = new AbortController();
  const begun: { at: number; look: boolean }[] = [];
  const ended = executeTriggers({ trigger, clock, signal: abort.signal }, (look) => {
    begun.push({ at: clock.now(), look });
    const { data, takes } = work.shift() ?? { data: false, takes: 0 };
    clock.advance(takes);
    return Promise.resolve(data);
  });
  return {
    begun,
    times: () => begun.map(({ at }) => at),
    ended,
    async stop() {
      abort.abort();
      await assert.rejects(ended, { name: "AbortError" });
    },
  };
}

Deno.test("triggers with an interval begin at its multiples, with data or without", async () => {
  const clock = new ManualClock(1234);
  const triggers = start({ processingTime: "100 ms" }, clock, [
    { data: true, takes: 1 },
    // Just as long as the interval.
    { data: true, takes: 100 },
  ]);
  for (const expected of [1300, 1500, 1600]) {
    assert.equal(await clock.sleeping(), expected);
    clock.advance(expected - clock.now());
  }
  await clock.sleeping();
  assert.deepEqual(
    triggers.begun,
    [1234, 1300, 1400, 1500, 1600].map((at) => ({ at, look: true })),
  );
  await triggers.stop();
});

Deno.test("a trigger that is late begins at once, and the next one at a multiple again", async () => {
  const clock = new ManualClock(1000);
  const triggers = start({ processingTime: "100 ms" }, clock, [
    { data: true, takes: 100 },
    { data: true, takes: 250 },
    { data: true, takes: 10 },
  ]);
  assert.equal(await clock.sleeping(), 1400);
  assert.deepEqual(triggers.times(), [1000, 1100, 1350]);
  await triggers.stop();
});

Deno.test("as soon as possible, a batch follows the last one at once, and a look at nothing after a pause", async () => {
  const clock = new ManualClock(5);
  const triggers = start({ processingTime: "0 seconds" }, clock, [
    { data: true, takes: 3 },
    { data: true, takes: 40 },
    { data: false, takes: 1 },
    { data: false, takes: 300 },
    { data: true, takes: 2 },
    { data: false, takes: 0 },
  ]);
  assert.equal(await clock.sleeping(), 49 + 10, "ten milliseconds at least");
  assert.deepEqual(triggers.times(), [5, 8, 48]);
  clock.advance(10);
  assert.equal(await clock.sleeping(), 359 + 2700, "in proportion to the look");
  clock.advance(2700);
  assert.equal(await clock.sleeping(), 3061 + 10);
  assert.deepEqual(triggers.times(), [5, 8, 48, 59, 3059, 3061]);
  await triggers.stop();
});

Deno.test("availableNow looks once, and goes on until that is taken", async () => {
  const clock = new ManualClock();
  const data = { data: true, takes: 0 };
  const triggers = start({ availableNow: true }, clock, [data, data]);
  await triggers.ended;
  assert.deepEqual(triggers.begun.map(({ look }) => look), [true, false, false]);
});

Deno.test("once is one trigger, though there is more", async () => {
  const data = { data: true, takes: 0 };
  const triggers = start({ once: true }, new ManualClock(), [data, data]);
  await triggers.ended;
  assert.deepEqual(triggers.begun.map(({ look }) => look), [true]);
});

Deno.test("no trigger begins after the wish to stop", async () => {
  const triggers: Trigger[] = [
    { processingTime: "1 second" },
    { processingTime: "0 seconds" },
    { availableNow: true },
    { once: true },
  ];
  for (const trigger of triggers) {
    const abort = new AbortController();
    let begun = 0;
    const run = () => {
      const schedule = { trigger, clock: new ManualClock(), signal: abort.signal };
      return executeTriggers(schedule, () => {
        begun++;
        abort.abort(new Error("enough"));
        return Promise.resolve(true);
      });
    };
    if ("once" in trigger) await run();
    else await assert.rejects(run(), /enough/);
    assert.equal(begun, 1, JSON.stringify(trigger));
    await assert.rejects(run(), /enough/);
    assert.equal(begun, 1, JSON.stringify(trigger));
  }
});

Deno.test("what a trigger throws ends the schedule", async () => {
  const schedule = {
    trigger: { processingTime: "1 second" },
    clock: new ManualClock(),
    signal: new AbortController().signal,
  };
  await assert.rejects(executeTriggers(schedule, () => Promise.reject(new Error("no"))), /no/);
});
