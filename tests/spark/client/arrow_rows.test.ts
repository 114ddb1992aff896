import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { arrowRows } from "../../../lib/spark/client/arrow_rows.ts";

// Made by Spark 4.1.4: `fixtures/types.sql` says of which query.
const ipc = readFileSync(new URL("fixtures/types.arrow", import.meta.url));

Deno.test("Spark's types become the same JavaScript values as DuckDB's", () => {
  assert.deepEqual(arrowRows(ipc), [{
    small: 1,
    safe: 9_007_199_254_740_991,
    beyond: 9_007_199_254_740_993n,
    decimal: 1.5,
    negative: -12.345,
    date: new Date("2009-04-06T00:00:00.000Z"),
    timestamp: new Date("2009-04-06T22:19:45.123Z"),
    local: new Date("2009-04-06T22:19:45.000Z"),
    list: [1, 2, null],
    struct: { x: 1, y: [new Date("2020-01-01T00:00:00.000Z")] },
    map: [{ key: "k", value: 1 }],
    nothing: null,
    truth: true,
    text: "é😀",
    double: 1.5,
  }]);
});
