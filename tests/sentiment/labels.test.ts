import assert from "node:assert/strict";
import { BirdsongError } from "../../lib/errors.ts";
import { labelsOf } from "../../lib/sentiment/labels.ts";

const usable: [Record<string, string>, string[]][] = [
  [{ 0: "NEG", 1: "NEU", 2: "POS" }, ["negative", "neutral", "positive"]],
  [{ 0: "positive", 1: "Negative", 2: "neutral" }, ["positive", "negative", "neutral"]],
  [{ 0: "LABEL_0", 1: "LABEL_1", 2: "LABEL_2" }, ["negative", "neutral", "positive"]],
  [{ 0: "LABEL_0", 1: "LABEL_1" }, ["negative", "positive"]],
  [{ 1: "NEGATIVE", 0: "POSITIVE" }, ["positive", "negative"]],
];

for (const [id2label, labels] of usable) {
  Deno.test(`outputs named ${Object.values(id2label)} are ${labels}`, () => {
    assert.deepEqual(labelsOf(id2label, "config.json"), labels);
  });
}

const unusable: unknown[] = [
  { 0: "joy", 1: "anger" },
  { 0: "NEG", 1: "NEU" },
  { 0: "NEG", 1: "NEU", 2: "NEGATIVE" },
  { 0: "NEG", 1: "negative", 2: "POS" },
  { 0: "LABEL_0", 1: "LABEL_1", 2: "LABEL_2", 3: "LABEL_3" },
  { 0: "constructor", 1: "negative", 2: "positive" },
  {},
  undefined,
];

for (const id2label of unusable) {
  const found = Object.values(id2label ?? {}).join(", ");
  Deno.test(`outputs named [${found}] (${typeof id2label}) are refused with that list`, () => {
    assert.throws(() => labelsOf(id2label, "some/config.json"), (error: Error) => {
      assert.ok(error instanceof BirdsongError);
      assert.match(error.message, /^some\/config\.json /);
      assert.ok(error.message.includes(`[${found}]`), error.message);
      return true;
    });
  });
}
