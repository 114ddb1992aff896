import assert from "node:assert/strict";
import { toJson } from "../../lib/lakehouse/row.ts";
import { withLake } from "./with_lake.ts";

Deno.test("a row's values are those of JavaScript", async () => {
  await withLake(async (lake) => {
    const [row] = await lake.sql(
      `SELECT 1::INTEGER AS whole, count(*) AS big, 9007199254740993 AS huge, sum(1) AS sum,
         1.25::DECIMAL(10, 2) AS decimal, 0.5::DOUBLE AS double, true AS yes, NULL AS nothing,
         'tëxt' AS text, [1, NULL]::BIGINT[] AS list, {'n': 1::BIGINT, 'list': [2::BIGINT]} AS struct,
         '2009-04-07T05:19:45.123Z'::TIMESTAMPTZ AS zoned, '2009-04-07 05:19:45'::TIMESTAMP AS plain,
         '2009-04-07'::DATE AS day, MAP {'key': 3::BIGINT} AS map
       FROM range(3)`,
    );
    assert.deepEqual(row, {
      whole: 1,
      big: 3,
      huge: 9007199254740993n,
      sum: 3,
      decimal: 1.25,
      double: 0.5,
      yes: true,
      nothing: null,
      text: "tëxt",
      list: [1, null],
      struct: { n: 1, list: [2] },
      zoned: new Date("2009-04-07T05:19:45.123Z"),
      plain: new Date("2009-04-07T05:19:45Z"),
      day: new Date("2009-04-07T00:00:00Z"),
      map: [{ key: "key", value: 3 }],
    });
  });
});

Deno.test("rows as JSON have ISO timestamps and no integer that JSON would round", async () => {
  await withLake(async (lake) => {
    const rows = await lake.sql(
      `SELECT 9007199254740993 AS huge, 12::BIGINT AS big, '2009-04-06 22:19:45-07'::TIMESTAMPTZ AS t,
         {'n': 1::BIGINT} AS struct, 'a"b\n' AS text, NULL AS nothing`,
    );
    assert.deepEqual(JSON.parse(toJson(rows)), [{
      huge: "9007199254740993",
      big: 12,
      t: "2009-04-07T05:19:45.000Z",
      struct: { n: 1 },
      text: 'a"b\n',
      nothing: null,
    }]);
    assert.equal(toJson([]), "[]");
    assert.equal(toJson([{ a: 1 }], 1), '[\n {\n  "a": 1\n }\n]');
  });
});
