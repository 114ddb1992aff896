import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { practice } from "../../lib/teaching/practice.ts";
import { bronze, rawTweet } from "../../lib/tweets/bronze.ts";

Deno.test("a practice lake holds the rows it was given, and NULL elsewhere", async () => {
  const hostile = `'"\n<script>🐦`;
  const rows = await practice({
    tables: {
      silver: [{ tweet_id: "a#1", mention: hostile, timestamp: "2009-04-07T05:19:45Z" }],
      gold: [],
    },
  }, async (session) => [...await session.sql("FROM silver"), ...await session.sql("FROM gold")]);
  assert.deepEqual(rows, [{
    timestamp: new Date("2009-04-07T05:19:45Z"),
    mention: hostile,
    cleaned_text: null,
    text: null,
    sentiment: null,
    tweet_id: "a#1",
  }]);
});

Deno.test("a stream reads the practice files, and all is gone afterwards", async () => {
  const files = { "a.json": [{ text: "one" }, "no json"], "b/c.json": [{ text: "two" }] };
  const folder = await practice({ files }, async (session, source) => {
    const query = await session.readStream.schema(rawTweet).json(source).transform(bronze)
      .writeStream.queryName("practice").trigger({ availableNow: true }).toTable("bronze");
    await query.awaitTermination();
    assert.equal(await session.lake.count("bronze"), 3);
    return source;
  });
  assert.ok(!existsSync(folder));
  let failed = "";
  await practice({ files }, (_, source) => {
    failed = source;
    return Promise.reject(new Error("on purpose"));
  }).catch(() => {});
  assert.ok(failed && !existsSync(failed), "also after an error");
});
