import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { withSession } from "../streaming/with_session.ts";
import { runTiers, tweet, writeTweets } from "./tiers.ts";

Deno.test("silver has the columns and types of the data dictionary", async () => {
  await withSession(async (session, source) => {
    await runTiers(session, source, "silver");
    assert.deepEqual(await session.lake.tableSchema("silver"), {
      timestamp: "TIMESTAMP WITH TIME ZONE",
      mention: "VARCHAR",
      cleaned_text: "VARCHAR",
      text: "VARCHAR",
      sentiment: "VARCHAR",
      tweet_id: "VARCHAR",
    });
  });
});

Deno.test("silver has a row per person mentioned, and one for a tweet that mentions no one", async () => {
  const examples: [string, (string | null)[], string][] = [
    ["hello", [null], "hello"],
    ["@Ann and @ann and @ANN", ["ann"], "and  and"],
    ["@b hi @a @c_1", ["a", "b", "c_1"], "hi"],
    ["@a.b!", ["a"], ".b!"],
    ["(@nickjonas@jonaskevin) live", ["jonaskevin", "nickjonas"], "() live"],
    ["write to me@home.org", [null], "write to me@home.org"],
    ["@ann", ["ann"], ""],
    ["", [null], ""],
    [" \n ", [null], ""],
    ["@ @@ @", [null], "@ @@ @"],
    ["it's \\1 @ann '' $1", ["ann"], "it's \\1  '' $1"],
    ["<script>@ann</script>\n@bob\r\n", ["ann", "bob"], "<script></script>"],
  ];
  await withSession(async (session, source) => {
    const byId = writeTweets(source, examples.map(([text]) => tweet({ text })));
    const { silver } = await runTiers(session, source, "silver");
    const rows = await session.sql(
      `SELECT any_value(text) AS text, list(mention ORDER BY mention) AS mentions,
         list(DISTINCT cleaned_text) AS cleaned FROM silver GROUP BY tweet_id ORDER BY tweet_id`,
    );
    assert.deepEqual(
      rows,
      examples.map(([text, mentions, cleaned]) => ({ text, mentions, cleaned: [cleaned] })),
    );
    assert.equal(rows.length, byId.size);
    const { numInputRows, sink } = silver.lastProgress!;
    assert.equal(numInputRows, examples.length);
    assert.equal(sink.numOutputRows, examples.flatMap(([, mentions]) => mentions).length);
  });
});

Deno.test("silver reads sentiments as words and as Sentiment140's numbers", async () => {
  const examples: [string, string | null][] = [
    ["negative", "negative"],
    ["neutral", "neutral"],
    ["positive", "positive"],
    ["0", "negative"],
    ["2", "neutral"],
    ["4", "positive"],
    [" Positive ", "positive"],
    ["NEGATIVE", "negative"],
    ["1", null],
    ["", null],
    ["happy", null],
  ];
  await withSession(async (session, source) => {
    writeTweets(source, examples.map(([sentiment]) => tweet({ sentiment })), 100);
    const { silver } = await runTiers(session, source, "silver");
    const rows = await session.sql(
      "SELECT sentiment FROM silver ORDER BY split_part(tweet_id, '#', 2)::INTEGER",
    );
    assert.deepEqual(rows.map((row) => row.sentiment), examples.map(([, word]) => word));
    assert.deepEqual(silver.lastProgress!.expectations[1], {
      name: "the sentiment is known",
      action: "warn",
      passedRecords: 8,
      failedRecords: 3,
    });
  });
});

Deno.test("silver counts rows whose date does not parse, and keeps them", async () => {
  await withSession(async (session, source) => {
    writeTweets(source, [
      tweet({ text: "@ann @bob", date: "Mon Apr 06 22:19:45 XYZ 2009" }),
      tweet({ date: "Mon Apr 06 22:19:45 PDT 2009" }),
      tweet({ date: "" }),
    ]);
    const { silver } = await runTiers(session, source, "silver");
    assert.deepEqual(
      await session.sql('SELECT "timestamp" AS t, mention FROM silver ORDER BY tweet_id, mention'),
      [
        { t: null, mention: "ann" },
        { t: null, mention: "bob" },
        { t: new Date("2009-04-07T05:19:45Z"), mention: null },
        { t: null, mention: null },
      ],
    );
    assert.deepEqual(silver.lastProgress!.expectations[0], {
      name: "the date parses",
      action: "warn",
      passedRecords: 1,
      failedRecords: 3,
    });
  });
});

Deno.test("silver sets aside what is no tweet, and counts it", async () => {
  await withSession(async (session, source) => {
    writeFileSync(
      join(source, "a.json"),
      [
        "broken",
        '{"user":"no text"}',
        '{"text":null}',
        '{"text":7}',
        '{"text":"only text"}',
        "also broken\n",
      ].join("\n"),
    );
    const { silver } = await runTiers(session, source, "silver");
    assert.deepEqual(await session.table("silver"), [{
      timestamp: null,
      mention: null,
      cleaned_text: "only text",
      text: "only text",
      sentiment: null,
      tweet_id: "a.json#5",
    }]);
    const { numInputRows, sink, observedMetrics } = silver.lastProgress!;
    assert.deepEqual(observedMetrics, { corruptRecords: 2, withoutText: 3 });
    const { corruptRecords, withoutText } = observedMetrics;
    assert.equal(numInputRows, sink.numOutputRows + corruptRecords + withoutText);
  });
});
