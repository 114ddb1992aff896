import assert from "node:assert/strict";
import { inspect } from "node:util";
import { runInNewContext } from "node:vm";
import { sameValue } from "../../lib/teaching/same_value.ts";

/** A value of another realm, as that of a kernel's cell may be. */
const elsewhere = (code: string): unknown => runInNewContext(code);

Deno.test("values that mean the same are the same", () => {
  const noon = "2009-04-07T12:00:00Z";
  const same: [unknown, unknown][] = [
    [1, 1n],
    [1 / 3, 0.3333333],
    [1e12 + 1, 1e12],
    [NaN, NaN],
    [new Date(noon), new Date(Date.parse(noon))],
    [{ a: 1, b: [null, "x"] }, { b: [null, "x"], a: 1n }],
    [Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
    [new Map([["a", 1]]), new Map([["a", 1n]])],
    [new Set([1, 2]), new Set([1, 2])],
    [elsewhere("new Date(0)"), new Date(0)],
    [elsewhere("[{ a: 1 }]"), [{ a: 1 }]],
  ];
  for (const [a, b] of same) {
    assert.ok(sameValue(a, b), inspect([a, b]));
    assert.ok(sameValue(b, a), inspect([b, a]));
  }
});

Deno.test("values that differ are not the same", () => {
  const different: [unknown, unknown][] = [
    [1, "1"],
    [1, 1.001],
    [0, NaN],
    [null, undefined],
    [null, {}],
    [[], {}],
    [[1, 2], [2, 1]],
    [{ a: 1 }, { a: 1, b: undefined }],
    [{ toString: 1 }, {}],
    [new Date(0), new Date(1)],
    [new Date(0), {}],
    [elsewhere("new Date(0)"), new Date(1)],
    [new Map([["a", 1]]), new Map([["a", 2]])],
    [new Map(), {}],
    [new Set([1]), new Set([2])],
    [Promise.resolve(1), {}],
  ];
  for (const [a, b] of different) {
    assert.ok(!sameValue(a, b), inspect([a, b]));
    assert.ok(!sameValue(b, a), inspect([b, a]));
  }
});
