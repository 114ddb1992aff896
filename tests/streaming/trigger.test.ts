import assert from "node:assert/strict";
import { BirdsongError } from "../../lib/errors.ts";
import { intervalOf } from "../../lib/streaming/trigger.ts";

Deno.test("an interval is a number and a unit", () => {
  const examples: [string, number][] = [
    ["500 ms", 500],
    ["1 millisecond", 1],
    ["2 seconds", 2000],
    ["1 second", 1000],
    ["0.5 seconds", 500],
    ["1minute", 60_000],
    ["10 minutes", 600_000],
    [" 0 seconds ", 0],
  ];
  for (const [text, milliseconds] of examples) assert.equal(intervalOf(text), milliseconds, text);
});

Deno.test("an interval that is none is refused, with an example", () => {
  for (
    const text of ["", "5", "seconds", "-1 seconds", "2 parsecs", "1 second 2", "1e3 ms", "1 s"]
  ) {
    assert.throws(() => intervalOf(text), (error: Error) => {
      assert.ok(error instanceof BirdsongError);
      assert.ok(error.message.includes(`"2 seconds", but is "${text}"`), error.message);
      return true;
    });
  }
});
