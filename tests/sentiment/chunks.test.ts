import assert from "node:assert/strict";
import { chunksOf } from "../../lib/sentiment/chunks.ts";

const sizes = (chunks: string[][]) =>
  chunks.map((chunk) => chunk.reduce((sum, text) => sum + text.length, 0));

Deno.test("chunks hold every text once, long ones first, and get smaller towards the end", () => {
  const texts = Array.from({ length: 1000 }, (_, i) => "x".repeat(1 + (i * 7919) % 140));
  const chunks = chunksOf(texts, 4800, 2);
  assert.deepEqual(chunks.flat(), texts.toSorted((a, b) => b.length - a.length));
  const characters = sizes(chunks);
  assert.ok(Math.max(...characters) <= 4800);
  assert.ok(characters[0] > 4800 - 140, "full at first");
  const last = characters.slice(-3);
  assert.ok(last.every((size) => size < 1000), `small at the end: ${last}`);
});

Deno.test("a few texts are shared out, a very long one is a chunk of its own", () => {
  const few = Array.from({ length: 8 }, () => "x".repeat(100));
  assert.ok(chunksOf(few, 6_000, 2).length > 1);
  const [first, ...rest] = chunksOf(["a", "b".repeat(100_000), "c"], 24_000, 2);
  assert.equal(first.length, 1);
  assert.deepEqual(rest.flat(), ["a", "c"]);
  assert.deepEqual(chunksOf([], 24_000, 2), []);
  assert.deepEqual(chunksOf(["a"], 24_000, 2), [["a"]]);
});
