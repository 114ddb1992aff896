import assert from "node:assert/strict";
import { evaluateTexts } from "../../lib/evaluation/evaluate_texts.ts";
import type { LabelledText } from "../../lib/evaluation/labelled_texts.ts";
import { fakeLabel, fakeScorer } from "../tweets/tiers.ts";

const text = (label: LabelledText["label"], text: string): LabelledText => ({
  id: "1",
  label,
  text,
});

Deno.test("labelled texts are scored without their mentions, and compared class by class", async () => {
  // One vowel more is the fake scorer's next class, with a probability of 0.75.
  const { scorer, calls } = fakeScorer();
  const { counts, metrics, report } = await evaluateTexts(scorer, [
    text("negative", "@aei xyz"),
    text("negative", "xyz"),
    text("neutral", "xyz"),
    text("positive", "xaayz"),
    text("positive", "xayz"),
    text("positive", "xaaz"),
  ]);
  assert.deepEqual(calls, [["xyz", "xyz", "xyz", "xaayz", "xayz", "xaaz"]]);
  assert.deepEqual(counts, [[2, 0, 0], [1, 0, 0], [0, 1, 2]]);
  assert.equal(report.accuracy, 4 / 6);
  assert.equal(metrics.accuracy, 4 / 6);
  assert.ok(Math.abs(metrics.macro_recall - (1 + 0 + 2 / 3) / 3) < 1e-12);
  assert.equal(metrics.precision_negative, 2 / 3);
  assert.equal(metrics.f1_positive, 0.8);
  assert.ok(Math.abs(metrics.expected_calibration_error - Math.abs(0.75 - 4 / 6)) < 1e-12);
  assert.equal(metrics.texts, 6);
});

Deno.test("a class that no text has is left out of the macro averages", async () => {
  assert.equal(fakeLabel("xyz"), "negative");
  const { metrics } = await evaluateTexts(fakeScorer().scorer, [
    text("negative", "xyz"),
    text("positive", "xaayz"),
  ]);
  assert.equal(metrics.macro_recall, 1);
  assert.ok(!("recall_neutral" in metrics));
});
