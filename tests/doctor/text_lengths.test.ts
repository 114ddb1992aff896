import assert from "node:assert/strict";
import { measureTextLengths } from "../../lib/doctor/text_lengths.ts";
import { projectPath } from "../../lib/paths.ts";

const model = projectPath("data/model");
/** A text of so many tokens with the two around it: "a" is one. */
const text = (tokens: number) => Array(tokens - 2).fill("a").join(" ");

Deno.test("padding is counted in the order of arrival, sorted, and for equal lengths", () => {
  // Two batches in order of arrival, each with one long text; sorted, one of them has both.
  const texts = [...Array(31).fill(text(4)), text(20), ...Array(31).fill(text(4)), text(20)];
  const { batching, median, ninetyNinth, cutShare } = measureTextLengths(texts, model);
  assert.deepEqual([median, ninetyNinth, cutShare], [4, 20, 0]);
  assert.equal(batching.arrival.tokens, 64 * 20);
  assert.equal(batching.sorted.tokens, 32 * 4 + 32 * 20);
  assert.equal(batching.equal.tokens, 62 * 4 + 2 * 20);
  assert.deepEqual(batching.equal.padding, 0);
  assert.equal(batching.arrival.padding, 1 - (62 * 4 + 2 * 20) / (64 * 20));
  assert.equal(batching.equal.textsPerBatch, 64 / 3);
});

Deno.test("texts beyond what the model looks at are counted, and cost no more than that", () => {
  const { histogram, cutShare, maxTokens, batching } = measureTextLengths(
    [text(300), text(8), text(9), text(9)],
    model,
  );
  assert.equal(maxTokens, 128);
  assert.equal(cutShare, 0.25);
  assert.equal(batching.equal.tokens, 128 + 8 + 9 + 9);
  assert.deepEqual(histogram.filter(({ texts }) => texts > 0), [
    { tokens: 8, texts: 1 },
    { tokens: 16, texts: 2 },
    { tokens: 128, texts: 1 },
  ]);
  assert.equal(histogram.length, 16);
});

Deno.test("no text at all is no error", () => {
  const { texts, histogram, median, cutShare, batching } = measureTextLengths([], model);
  assert.deepEqual([texts, histogram, median, cutShare], [0, [], 0, 0]);
  assert.deepEqual(batching.arrival.padding, 0);
});
