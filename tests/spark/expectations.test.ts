import assert from "node:assert/strict";
import { checkedMetrics, expectationResults, metCondition } from "../../lib/spark/expectations.ts";
import type { Transform } from "../../lib/streaming/transform.ts";

const transform: Transform = {
  schema: { text: "VARCHAR" },
  expectations: {
    "warned of": { expect: "a > 1", action: "warn" },
    dropped: { expect: "b > 1", action: "drop" },
    "dropped, too": { expect: "c > 1", action: "drop" },
    "it's bad": { expect: "d <> 'x'", action: "fail" },
  },
  apply: () => "",
};

Deno.test("each expectation is counted on all rows, and a dropped row once", () => {
  assert.deepEqual(checkedMetrics(transform), {
    checkedRows: "count(*)",
    "not: warned of": "count_if((a > 1) IS NOT TRUE)",
    "not: dropped": "count_if((b > 1) IS NOT TRUE)",
    "not: dropped, too": "count_if((c > 1) IS NOT TRUE)",
    "not: it's bad": "count_if((d <> 'x') IS NOT TRUE)",
    droppedRecords: "count_if((b > 1) IS NOT TRUE OR (c > 1) IS NOT TRUE)",
  });
  const checked = { checkedRows: 5, "not: warned of": 2, "not: dropped": 5 };
  assert.deepEqual(
    expectationResults(transform, checked).map(({ passedRecords, failedRecords }) => [
      passedRecords,
      failedRecords,
    ]),
    [[3, 2], [0, 5], [5, 0], [5, 0]],
  );
});

Deno.test("a row that must not be there is looked for before rows are dropped", () => {
  const condition = metCondition(transform)!;
  assert.match(
    condition,
    /^CASE WHEN \(d <> 'x'\) IS TRUE THEN true ELSE raise_error\(concat\('a row .*"it\\'s bad" \(d <> \\'x\\'\)/,
  );
  assert.match(condition, /END AND \(b > 1\) IS TRUE AND \(c > 1\) IS TRUE$/);
});

Deno.test("where rows can only be warned of, all are written", () => {
  const { "warned of": only } = transform.expectations!;
  assert.equal(metCondition({ ...transform, expectations: { only } }), undefined);
  assert.equal("droppedRecords" in checkedMetrics({ ...transform, expectations: { only } }), false);
});
