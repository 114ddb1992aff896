import assert from "node:assert/strict";
import { BirdsongError } from "../../lib/errors.ts";
import { interrupt, InterruptedError } from "../../lib/notebook/interrupt.ts";
import { progressBar, progressOf } from "../../lib/notebook/progress.ts";

Deno.test("progressOf() gives rate and time left, and the time taken at the end", () => {
  assert.deepEqual(progressOf(1_000, 4_000, 10), {
    fraction: 0.25,
    text: "1,000 of 4,000 | 100/s | 30 s left",
  });
  assert.deepEqual(progressOf(4_000, 4_000, 125), {
    fraction: 1,
    text: "4,000 of 4,000 | 32/s | 2 min 5 s",
  });
});

Deno.test("progressOf() knows no rate at the start, and an empty job is done", () => {
  assert.deepEqual(progressOf(0, 10, 0), { fraction: 0, text: "0 of 10" });
  assert.deepEqual(progressOf(0, 0, 0.5), { fraction: 1, text: "0 of 0 | 0.5 s" });
});

Deno.test("progressBar() refuses a total that is no count", () => {
  for (const total of [-1, NaN, Infinity]) {
    assert.throws(() => progressBar("tweets", total), BirdsongError);
  }
});

Deno.test("a loop with a progress bar stops when the stop button is pressed", () => {
  const bar = progressBar("tweets", 10);
  bar.advance();
  interrupt();
  assert.throws(() => bar.advance(), InterruptedError);
});
