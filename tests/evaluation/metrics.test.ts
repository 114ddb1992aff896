import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  binaryMetrics,
  classificationReport,
  type NeutralAs,
  neutralAsValues,
} from "../../lib/evaluation/metrics.ts";
import { reportText } from "../../lib/evaluation/report_text.ts";
import { projectPath } from "../../lib/paths.ts";

/** What scikit-learn makes of the same cases. */
interface Expected {
  binary: Record<NeutralAs, number[]>;
  classes: number[][];
  macro: number[];
  weighted: number[];
  accuracy: number;
  text: string;
}

const script = `
import json, sys, numpy as np
from sklearn.metrics import accuracy_score, classification_report, precision_recall_fscore_support
names = ["negative", "neutral", "positive"]
options = dict(labels=names, zero_division=0)

def binary(given, predicted, neutral_as):
    pairs = [[neutral_as if name == "neutral" else name for name in pair] for pair in zip(given, predicted)]
    pairs = [pair for pair in pairs if "exclude" not in pair]
    if not pairs:
        return [0, 0, 0, 0, 0, 0]
    given, predicted = zip(*pairs)
    one = precision_recall_fscore_support(given, predicted, labels=["positive"], zero_division=0)
    return [float(values[0]) for values in one[:3]] + [accuracy_score(given, predicted),
        int(one[3][0]), len(pairs)]

answers = []
for counts in json.load(sys.stdin):
    given = [names[i] for i in range(3) for j in range(3) for _ in range(counts[i][j])]
    predicted = [names[j] for i in range(3) for j in range(3) for _ in range(counts[i][j])]
    average = lambda kind: [float(value) for value in
        precision_recall_fscore_support(given, predicted, average=kind, **options)[:3]]
    answers.append({
        "binary": {kind: binary(given, predicted, kind) for kind in ["exclude", "positive", "negative"]},
        "classes": np.transpose(precision_recall_fscore_support(given, predicted, **options)).tolist(),
        "macro": average("macro"), "weighted": average("weighted"),
        "accuracy": accuracy_score(given, predicted),
        "text": classification_report(given, predicted, digits=3, **options),
    })
print(json.dumps(answers))`;

function scikitLearn(cases: number[][][]): Promise<Expected[]> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      projectPath(".venv/bin/python"),
      ["-c", script],
      (error, stdout) => error ? reject(error) : resolve(JSON.parse(stdout)),
    );
    child.stdin!.end(JSON.stringify(cases));
  });
}

function assertClose(found: number[], expected: number[], what: string): void {
  assert.equal(found.length, expected.length, what);
  const close = found.every((value, i) => Math.abs(value - expected[i]) < 1e-12);
  assert.ok(close, `${what}: ${found} instead of ${expected}`);
}

/** Counts of any size, many of them 0, so that whole rows and columns are empty at times. */
function randomCounts(): number[][] {
  const count = () => Math.random() < 0.4 ? 0 : Math.floor(20 * Math.random());
  return Array.from({ length: 3 }, () => [count(), count(), count()]);
}

Deno.test("the metrics are those of scikit-learn", async () => {
  const cases = [
    [[6291, 1925, 1783], [0, 0, 0], [1380, 2721, 5900]], // neutral never given
    [[0, 0, 0], [0, 9, 0], [0, 0, 0]], // nothing but neutral
    [[0, 7, 0], [0, 0, 0], [0, 0, 0]], // one class given, another predicted
    [[0, 3, 4], [5, 0, 6], [7, 8, 0]], // nothing right
    ...Array.from({ length: 60 }, randomCounts),
  ].filter((counts) => counts.flat().some((count) => count > 0));
  const expected = await scikitLearn(cases);
  for (const [index, counts] of cases.entries()) {
    const { binary, classes, macro, weighted, accuracy } = expected[index];
    const what = JSON.stringify(counts);
    for (const neutralAs of neutralAsValues) {
      const { precision, recall, f1, accuracy, support, compared } = binaryMetrics(counts, {
        neutralAs,
      });
      const found = [precision, recall, f1, accuracy, support, compared];
      assertClose(found, binary[neutralAs], `${what} with neutral as ${neutralAs}`);
    }
    const report = classificationReport(counts);
    const label = (index: number) => report.classes[index].label;
    assert.deepEqual([0, 1, 2].map(label), ["negative", "neutral", "positive"]);
    for (const [index, one] of report.classes.entries()) {
      const { precision, recall, f1, support } = one;
      assertClose([precision, recall, f1, support], classes[index], `${what}: ${one.label}`);
    }
    for (const [average, values] of [[report.macro, macro], [report.weighted, weighted]] as const) {
      const { precision, recall, f1 } = average;
      assertClose([precision, recall, f1], values, `${what}: ${average.label}`);
    }
    assertClose([report.accuracy], [accuracy], `${what}: accuracy`);
  }
  assert.equal(reportText(classificationReport(cases[0])), expected[0].text);
});

Deno.test("without any case, every figure is 0", () => {
  const counts = [[0, 0, 0], [0, 0, 0], [0, 0, 0]];
  const nothing = { precision: 0, recall: 0, f1: 0, support: 0 };
  assert.deepEqual(binaryMetrics(counts, { neutralAs: "exclude" }), {
    ...nothing,
    accuracy: 0,
    compared: 0,
  });
  const { macro, weighted, accuracy } = classificationReport(counts);
  assert.deepEqual(macro, { label: "macro avg", ...nothing });
  assert.deepEqual(weighted, { label: "weighted avg", ...nothing });
  assert.equal(accuracy, 0);
});

Deno.test("counts and settings that make no sense are refused", () => {
  const neutralAs: NeutralAs = "exclude";
  for (
    const counts of [[[1]], [[1, 2, 3], [1, 2, 3], [1, 2]], [[0, 0, 0], [0, -1, 0], [0, 0, 0]]]
  ) {
    assert.throws(() => binaryMetrics(counts, { neutralAs }), /counts must be 3 rows of 3/);
    assert.throws(() => classificationReport(counts), /counts must be 3 rows of 3/);
  }
  const counts = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
  assert.throws(
    () => binaryMetrics(counts, { neutralAs: "0" as NeutralAs }),
    /neutralAs must be one of exclude, positive, negative, but is "0"/,
  );
});
