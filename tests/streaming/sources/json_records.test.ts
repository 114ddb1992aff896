import assert from "node:assert/strict";
import { parseRecords } from "../../../lib/streaming/sources/json_records.ts";

const schema = { name: "VARCHAR", songs: "DOUBLE", seen: "BIGINT", rare: "BOOLEAN" };

/** Records without what is NULL. */
function read(text: string, columns: Record<string, string> = schema): Record<string, unknown>[] {
  const names = Object.keys(columns);
  return [...parseRecords(text, columns)].map(({ line, values, rescued, corrupt }) => {
    assert.equal(values.length, names.length);
    const fields = values.map((value, index) => [names[index], value] as const)
      .filter(([, value]) => value !== null);
    return {
      line,
      ...Object.fromEntries(fields),
      ...(rescued === null ? {} : { rescued }),
      ...(corrupt === null ? {} : { corrupt }),
    };
  });
}

Deno.test("a file may hold one object per line", () => {
  assert.deepEqual(read('{"name":"wren","songs":1.5,"seen":3,"rare":true}\n{"name":"owl"}\n'), [
    { line: 1, name: "wren", songs: 1.5, seen: 3n, rare: true },
    { line: 2, name: "owl" },
  ]);
  assert.deepEqual(read('{"name":"no newline at the end"}'), [
    { line: 1, name: "no newline at the end" },
  ]);
});

Deno.test("a file may hold one array, on one line or several", () => {
  const expected = [{ line: 1, name: "wren" }, { line: 2, name: "owl" }];
  assert.deepEqual(read('[{"name":"wren"},{"name":"owl"}]'), expected);
  assert.deepEqual(read('[\n  {"name":"wren"},\n  {\n  "name":"owl"\n  }\n]\n'), expected);
  assert.deepEqual(read('[\n{"name":"wren"}\n,\n{"name":"owl"}\n]\n'), expected);
  assert.deepEqual(read("[]"), []);
});

Deno.test("a file may hold one object over several lines", () => {
  assert.deepEqual(read('{\n  "name": "wren",\n  "songs": 2\n}\n'), [
    { line: 1, name: "wren", songs: 2 },
  ]);
});

Deno.test("byte order mark, CRLF and blank lines are no data, and lines keep their numbers", () => {
  assert.deepEqual(read('\ufeff{"name":"wren"}\r\n\r\n   \t\r\n{"name":"owl"}\r\n'), [
    { line: 1, name: "wren" },
    { line: 4, name: "owl" },
  ]);
  for (const empty of ["", "\n", "\r\n\n  \n", "\ufeff"]) assert.deepEqual(read(empty), []);
});

Deno.test("a line that is no JSON object is kept as it is, and its neighbours are read", () => {
  const lines = [
    '{"name":"wren"}',
    "{'name': owl}",
    "[1, 2]",
    "null",
    "7",
    '"text"',
    '{"name":"cut',
  ];
  assert.deepEqual(read(lines.join("\n")), [
    { line: 1, name: "wren" },
    ...lines.slice(1).map((corrupt, index) => ({ line: index + 2, corrupt })),
  ]);
  assert.deepEqual(read("<html>\nnot found\n"), [
    { line: 1, corrupt: "<html>" },
    { line: 2, corrupt: "not found" },
  ]);
});

Deno.test("what stands in an array and is no object is kept as JSON", () => {
  assert.deepEqual(read('[{"name":"wren"}, null, [1, "a"], 7]'), [
    { line: 1, name: "wren" },
    { line: 2, corrupt: "null" },
    { line: 3, corrupt: '[1,"a"]' },
    { line: 4, corrupt: "7" },
  ]);
});

Deno.test("unknown fields are rescued", () => {
  assert.deepEqual(read('{"name":"wren","lang":"en","geo":{"lat":[1,null]},"none":null}'), [
    { line: 1, name: "wren", rescued: '{"lang":"en","geo":{"lat":[1,null]},"none":null}' },
  ]);
  assert.deepEqual(read('{"Name":"wren"}'), [{ line: 1, rescued: '{"Name":"wren"}' }]);
});

Deno.test("values of another type are rescued, not converted", () => {
  const cases: [string, unknown[]][] = [
    ["name", [4, 0, true, false, {}, ["wren"]]],
    ["songs", ["1", true, {}, []]],
    ["seen", ["1", 1.5, 1e300, 2 ** 53, true]],
    ["rare", ["true", 0, 1]],
  ];
  for (const [name, values] of cases) {
    for (const value of values) {
      const record = JSON.stringify({ [name]: value });
      assert.deepEqual(read(record), [{ line: 1, rescued: record }], record);
    }
  }
});

Deno.test("null is NULL, and an empty text is a text", () => {
  assert.deepEqual(read('{"name":null,"songs":null,"seen":null,"rare":null}'), [{ line: 1 }]);
  assert.deepEqual(read('{"name":"","songs":0,"seen":0,"rare":false}'), [
    { line: 1, name: "", songs: 0, seen: 0n, rare: false },
  ]);
});

Deno.test("fields with names that objects have anyway are fields like others", () => {
  const hostile = '{"__proto__":{"name":"evil"},"constructor":"x","toString":1,"hasOwnProperty":2}';
  assert.deepEqual(read(hostile), [{ line: 1, rescued: hostile }]);
  assert.deepEqual(read('{"name":"wren","__proto__":1}'), [
    { line: 1, name: "wren", rescued: '{"__proto__":1}' },
  ]);
  assert.deepEqual(read("{}", { constructor: "VARCHAR", toString: "VARCHAR" }), [{ line: 1 }]);
  assert.deepEqual(read('{"constructor":"a"}', { constructor: "VARCHAR" }), [
    { line: 1, constructor: "a" },
  ]);
});

Deno.test("of a key that occurs twice, the last value counts, as in JavaScript and Spark", () => {
  assert.deepEqual(read('{"name":"wren","name":"owl"}'), [{ line: 1, name: "owl" }]);
});

Deno.test("texts come through whole, whatever is in them", () => {
  const texts = ["a\nb\r\n", "\u0000", "\u2028", "\ufeff", "\ufffd", "😀", "x".repeat(100_000)];
  const lines = texts.map((name) => JSON.stringify({ name }));
  assert.deepEqual(
    read(lines.join("\n")),
    texts.map((name, index) => ({ line: index + 1, name })),
  );
});

Deno.test("half a surrogate pair, which no column can hold, is kept beside the column", () => {
  const [record] = read('{"name":"a\\ud83d\\\\ud83d😀\\\\"}');
  assert.equal((record.name as string).toWellFormed(), "a\ufffd\\ud83d😀\\");
  assert.equal(record.rescued, '{"name":"a\\\\ud83d\\\\ud83d😀\\\\"}');
  // Its escape as text: JSON that DuckDB can read.
  assert.equal(JSON.parse(record.rescued as string).name, "a\\ud83d\\ud83d😀\\");
  assert.deepEqual(read('{"\\ude00":1}'), [{ line: 1, rescued: '{"\\\\ude00":1}' }]);
});

Deno.test("a record that is nested too deeply is corrupt", () => {
  const nested = (depth: number) => `{"name":${"[".repeat(depth)}"]"${"]".repeat(depth)}}`;
  assert.deepEqual(read(nested(499)), [{ line: 1, rescued: nested(499) }]);
  for (const depth of [500, 100_000]) {
    assert.deepEqual(read(nested(depth)), [{ line: 1, corrupt: nested(depth) }]);
    assert.deepEqual(read(`[${nested(depth)}]`), [{ line: 1, corrupt: `[${nested(depth)}]` }]);
  }
  const wide = `{"name":${JSON.stringify('\\"[{'.repeat(1000))},"seen":1}`;
  assert.equal(read(wide)[0].seen, 1n, "brackets in texts do not count");
});

Deno.test("numbers keep their digits, in columns and beside them", () => {
  const id = "1467810369123456789";
  assert.deepEqual(read(`{"seen":${id}}`), [{ line: 1, seen: BigInt(id) }]);
  assert.deepEqual(read(`{"seen":-9223372036854775808}`), [{ line: 1, seen: -(2n ** 63n) }]);
  const rescued = [
    `{"id":${id},"in":[{"reply":-${id}}],"text":"${id} 1e400"}`,
    `{"seen":9223372036854775808}`,
    `{"seen":${"9".repeat(1000)}}`,
    `{"songs":1e400}`,
    `{"x":-1e-400,"y":0.12345678901234567890123}`,
    `{"${id}":"\\\"${id}"}`,
  ];
  for (const record of rescued) assert.deepEqual(read(record), [{ line: 1, rescued: record }]);
  // What JavaScript holds is written in its way.
  assert.deepEqual(read('{"x":1.50e1}'), [{ line: 1, rescued: '{"x":15}' }]);
  assert.deepEqual(read("[1467810369123456789]\n7"), [
    { line: 1, corrupt: "[1467810369123456789]" },
    { line: 2, corrupt: "7" },
  ]);
  assert.deepEqual(read("[1467810369123456789]"), [{ line: 1, corrupt: id }]);
});

Deno.test("a DOUBLE column holds the number that is nearest", () => {
  assert.deepEqual(read('{"songs":0.1000000000000000055511151231257827}'), [
    { line: 1, songs: 0.1 },
  ]);
});

Deno.test("invalid lines are kept as corrupt, whatever stands in them", () => {
  const text = '{"name":"wren"}\n{"name":"o\ufffdl"}\n{"name":"robin"}';
  const records = [...parseRecords(text, schema, { invalidLines: new Set([2]) })];
  assert.deepEqual(records.map(({ line, corrupt }) => [line, corrupt]), [
    [1, null],
    [2, '{"name":"o\ufffdl"}'],
    [3, null],
  ]);
});
