import assert from "node:assert/strict";
import { calibrationChart } from "../../lib/charts/mod.ts";
import { calibrationOf, type Prediction } from "../../lib/evaluation/calibration.ts";
import { goldCalibration } from "../../lib/evaluation/gold_calibration.ts";
import { insertGold, withGold } from "./with_gold.ts";

/** So many predictions with a probability, of which so many are right. */
function predictions(probability: number, cases: number, right: number): Prediction[] {
  return Array.from({ length: cases }, (_, i) => ({ probability, correct: i < right }));
}

Deno.test("probabilities that mean what they say have no calibration error", () => {
  const { expectedCalibrationError } = calibrationOf([
    ...predictions(0.5, 10, 5),
    ...predictions(0.8, 10, 8),
    ...predictions(1, 3, 3),
  ]);
  assert.ok(expectedCalibrationError < 1e-12);
});

Deno.test("the calibration error weighs each bin by its predictions", () => {
  const all = [...predictions(0.9, 30, 15), ...predictions(0.6, 10, 9)];
  const { bins, expectedCalibrationError, cases } = calibrationOf(all, { bins: 10 });
  // |0.9 - 0.5| for 30 of 40, |0.6 - 0.9| for 10 of 40.
  assert.ok(Math.abs(expectedCalibrationError - (0.4 * 0.75 + 0.3 * 0.25)) < 1e-12);
  assert.equal(cases, 40);
  assert.equal(bins.length, 10);
  assert.deepEqual([bins[8].from, bins[8].to, bins[8].cases], [0.8, 0.9, 30]);
  assert.equal(bins[8].accuracy, 0.5);
  assert.ok(Number.isNaN(bins[0].accuracy) && bins[0].cases === 0);
});

Deno.test("errors in opposite directions within a bin cancel out, between bins they do not", () => {
  const all = [...predictions(0.61, 10, 10), ...predictions(0.65, 10, 2)];
  const inOne = calibrationOf(all, { bins: 10 }).expectedCalibrationError;
  const inTwo = calibrationOf(all, { bins: 30 }).expectedCalibrationError;
  assert.ok(Math.abs(inOne - 0.03) < 1e-9 && Math.abs(inTwo - (0.39 + 0.45) / 2) < 1e-9);
});

Deno.test("probabilities 0 and 1 have a bin, none is an empty curve, others are refused", () => {
  const { bins } = calibrationOf([...predictions(0, 1, 0), ...predictions(1, 2, 2)]);
  assert.deepEqual([bins[0].cases, bins[14].cases], [1, 2]);
  assert.equal(calibrationOf([]).expectedCalibrationError, 0);
  for (const probability of [-0.1, 1.1, NaN]) {
    assert.throws(() => calibrationOf(predictions(probability, 1, 1)), /between 0 and 1/);
  }
});

Deno.test("gold is calibrated by tweet; one without a given sentiment does not count", async () => {
  await withGold(async (session) => {
    await insertGold(session, [
      ["a#0", "ann", "negative", "positive"],
      ["a#0", "ben", "negative", "positive"],
      ["a#1", null, "positive", "positive"],
      ["a#2", null, null, "positive"],
    ]);
    const { cases, expectedCalibrationError } = await goldCalibration(session);
    assert.equal(cases, 2);
    // All have a score of 90.5 percent.
    assert.ok(Math.abs(expectedCalibrationError - 0.405) < 1e-9);
  });
});

Deno.test("calibrationChart() draws the bins that have predictions, and the diagonal", () => {
  const { bins } = calibrationOf([...predictions(0.9, 2, 1), ...predictions(0.5, 4, 4)]);
  const { data, description } = calibrationChart({ title: "How sure", bins });
  assert.deepEqual(data[0].x, [0.5, 0.9]);
  assert.deepEqual(data[0].y, [1, 0.5]);
  assert.deepEqual([data[1].x, data[1].y], [[0, 1], [0, 1]]);
  assert.match(description, /^How sure /);
});
