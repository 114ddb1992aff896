import assert from "node:assert/strict";
import {
  bindParameters,
  sparkColumns,
  sparkIdentifier,
  sparkLiteral,
} from "../../lib/spark/sql.ts";

Deno.test("a text becomes a literal in which nothing escapes", () => {
  assert.equal(sparkLiteral("it's \\ '); DROP TABLE x;--"), "'it\\'s \\\\ \\'); DROP TABLE x;--'");
});

Deno.test("a name is quoted for Delta's statements, too", () => {
  assert.equal(sparkIdentifier("a`b"), "`a``b`");
});

Deno.test("values take the place of $name markers, but not in texts, names and comments", () => {
  const query = "SELECT '$a' || $a, \"$a\", `$a`, $b -- $a\n, '\\'$a' FROM t WHERE d = $d LIMIT $n";
  const date = new Date("2009-04-06T22:19:45.123Z");
  assert.equal(
    bindParameters(query, { a: "it's", b: null, d: date, n: 5 }),
    "SELECT '$a' || 'it\\'s', \"$a\", `$a`, NULL -- $a\n, '\\'$a' FROM t " +
      "WHERE d = timestamp_millis(1239056385123) LIMIT 5",
  );
});

Deno.test("a negative number begins no comment", () => {
  const query = "SELECT 1-$a, 1-$b, 1-$c";
  assert.equal(
    bindParameters(query, { a: -5, b: -0.5, c: -5n }),
    "SELECT 1-(-5), 1-(-0.5D), 1-(-5)",
  );
});

Deno.test("a marker without a value, and a value that SQL cannot hold, are refused", () => {
  assert.throws(() => bindParameters("SELECT $x"), /names \$x, but no such parameter is given/);
  assert.throws(() => bindParameters("SELECT $x", { x: {} }), /parameter \$x must be a text/);
  assert.throws(() => bindParameters("SELECT $x", { x: NaN }), /parameter \$x must be a text/);
});

Deno.test("a schema becomes Spark's columns", () => {
  assert.equal(
    sparkColumns({ mention: "VARCHAR", "a b": "TIMESTAMP WITH TIME ZONE", n: "INTEGER" }),
    "`mention` STRING, `a b` TIMESTAMP, `n` INT",
  );
  assert.throws(() => sparkColumns({ x: "UUID" }), /column "x" is UUID, but on Spark/);
});
