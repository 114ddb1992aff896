import assert from "node:assert/strict";
import { interrupt, InterruptedError } from "../../lib/notebook/interrupt.ts";
import { scoringProgress } from "../../lib/notebook/scoring_progress.ts";
import { onTerminal } from "./on_terminal.ts";

Deno.test("every batch that is scored has a bar of its own, which ends full", async () => {
  const written = await onTerminal(() => {
    const advance = scoringProgress();
    for (const done of [10, 25, 40]) advance(done, 40);
    for (const done of [5, 5, 12]) advance(done, 12);
  });
  const ends = written.filter((text) => text.endsWith("\n") || /40 of 40|12 of 12/.test(text));
  assert.equal(written.filter((text) => text.includes(" 0 of 40")).length, 1);
  assert.equal(written.filter((text) => text.includes(" 0 of 12")).length, 1);
  assert.deepEqual(ends.map((text) => text.trim()), [
    `texts scored [${"#".repeat(20)}] 40 of 40`,
    `texts scored [${"#".repeat(20)}] 12 of 12`,
  ]);
});

Deno.test("a batch that was given up does not spoil the bar of the next one", async () => {
  const written = await onTerminal(() => {
    const advance = scoringProgress();
    advance(30, 40);
    for (const done of [10, 20]) advance(done, 20);
  });
  assert.ok(written.some((text) => text.includes(" 0 of 20")), written.join("\n"));
  assert.ok(written.some((text) => text.includes("] 20 of 20")), written.join("\n"));
});

Deno.test("the stop button ends the scoring once, not that of the next run", () => {
  const advance = scoringProgress();
  advance(1, 40);
  interrupt();
  assert.throws(() => advance(2, 40), InterruptedError);
  for (const done of [3, 40]) advance(done, 40);
});
