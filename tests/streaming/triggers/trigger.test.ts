import assert from "node:assert/strict";
import { BirdsongError } from "../../../lib/errors.ts";
import { checkTrigger, intervalOf, type Trigger } from "../../../lib/streaming/triggers/trigger.ts";

Deno.test("an interval is a number and a unit", () => {
  const examples: [string, number][] = [
    ["500 ms", 500],
    ["500 milliseconds", 500],
    ["1 millisecond", 1],
    ["2 seconds", 2000],
    ["1 second", 1000],
    ["0.5 seconds", 500],
    ["1minute", 60_000],
    ["10 minutes", 600_000],
    ["1 hour", 3_600_000],
    ["1.5 hours", 5_400_000],
    ["2 days", 172_800_000],
    [" 0 seconds ", 0],
    ["1.6 ms", 2],
  ];
  for (const [text, milliseconds] of examples) assert.equal(intervalOf(text), milliseconds, text);
});

Deno.test("an interval that is none is refused, with an example", () => {
  const wrong = ["", "5", "seconds", "-1 seconds", "2 parsecs", "1 second 2", "1e3 ms", "1 s"];
  for (const text of [...wrong, "1 month", "toString", 500 as unknown as string]) {
    assert.throws(() => intervalOf(text), (error: Error) => {
      assert.ok(error instanceof BirdsongError);
      assert.ok(error.message.includes(`"2 seconds", but is "${text}"`), error.message);
      return true;
    });
  }
});

Deno.test("Spark's triggers are taken", () => {
  const triggers: Trigger[] = [
    { processingTime: "0 seconds" },
    { processingTime: "1 hour" },
    { availableNow: true },
    { once: true },
  ];
  for (const trigger of triggers) checkTrigger(trigger);
});

Deno.test("what is no trigger is refused, with those that are", () => {
  const wrong = [
    {},
    { availableNow: false },
    { once: 1 },
    { always: true },
    { once: true, availableNow: true },
    "2 seconds",
    null,
    undefined,
  ];
  for (const trigger of wrong) {
    assert.throws(() => checkTrigger(trigger as unknown as Trigger), (error: Error) => {
      assert.ok(error instanceof BirdsongError);
      const message = 'a trigger must be one of { processingTime: "2 seconds" }, ' +
        `{ availableNow: true } and { once: true }, but is ${JSON.stringify(trigger)}`;
      assert.equal(error.message, message);
      return true;
    });
  }
  assert.throws(
    () => checkTrigger({ processingTime: 500 } as unknown as Trigger),
    /processingTime must be .*, but is "500"/,
  );
});

Deno.test("a continuous trigger is refused with what comes nearest to it", () => {
  assert.throws(
    () => checkTrigger({ continuous: "1 second" } as unknown as Trigger),
    /but is \{"continuous":"1 second"\}; there is no continuous processing, but a query without a trigger/,
  );
});
