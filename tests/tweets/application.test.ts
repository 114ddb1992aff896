import assert from "node:assert/strict";
import { withSession } from "../streaming/with_session.ts";
import { runTiers, tweet, writeTweets } from "./tiers.ts";

const groupBy = `SELECT mention,
    count(*) FILTER (WHERE predicted_sentiment = 'negative') AS negative,
    count(*) FILTER (WHERE predicted_sentiment = 'neutral') AS neutral,
    count(*) FILTER (WHERE predicted_sentiment = 'positive') AS positive,
    count(*) AS total, min("timestamp") AS min_timestamp, max("timestamp") AS max_timestamp
  FROM gold WHERE mention IS NOT NULL GROUP BY mention ORDER BY mention`;

Deno.test("application has the columns and types of the data dictionary", async () => {
  await withSession(async (session, source) => {
    await runTiers(session, source, "application");
    assert.deepEqual(await session.lake.tableSchema("application"), {
      mention: "VARCHAR",
      negative: "BIGINT",
      neutral: "BIGINT",
      positive: "BIGINT",
      total: "BIGINT",
      min_timestamp: "TIMESTAMP WITH TIME ZONE",
      max_timestamp: "TIMESTAMP WITH TIME ZONE",
    });
  });
});

Deno.test("application counts predicted sentiments, not given ones, per mention", async () => {
  await withSession(async (session, source) => {
    const at = (hour: string) => `Mon Apr 06 ${hour}:00:00 UTC 2009`;
    // The fake scorer takes a text without a vowel for negative, one vowel for neutral.
    writeTweets(source, [
      tweet({ text: "@Ann xyz", sentiment: "positive", date: at("12") }),
      tweet({ text: "@ann @bob xyz", sentiment: "positive", date: at("09") }),
      tweet({ text: "@ann xayz", sentiment: "negative", date: at("10") }),
      tweet({ text: "xaayz @cy", date: "no date" }),
      tweet({ text: "no one" }),
    ]);
    const { application } = await runTiers(session, source, "application");
    const time = (hour: string) => new Date(`2009-04-06T${hour}:00:00Z`);
    assert.deepEqual(await session.sql("FROM application ORDER BY mention"), [
      {
        mention: "ann",
        negative: 2,
        neutral: 1,
        positive: 0,
        total: 3,
        min_timestamp: time("09"),
        max_timestamp: time("12"),
      },
      {
        mention: "bob",
        negative: 1,
        neutral: 0,
        positive: 0,
        total: 1,
        min_timestamp: time("09"),
        max_timestamp: time("09"),
      },
      {
        mention: "cy",
        negative: 0,
        neutral: 0,
        positive: 1,
        total: 1,
        min_timestamp: null,
        max_timestamp: null,
      },
    ]);
    const { numInputRows, observedMetrics } = application.lastProgress!;
    assert.equal(numInputRows, 6);
    assert.deepEqual(observedMetrics, { withoutMention: 1 });
  });
});

Deno.test("application equals a GROUP BY over gold, after every one of many batches", async () => {
  await withSession(async (session, source) => {
    const people = ["@ann", "@bob", "@cy", "@ann @dee", ""];
    const days = ["no date", "Mon Apr 06 10:00:00 UTC 2009", "Tue Apr 07 09:00:00 PDT 2009"];
    const tweets = Array.from({ length: 60 }, (_, n) =>
      tweet({
        text: `${people[n % people.length]} x${"a".repeat(n % 4)} ${n}`,
        date: days[n % 7 % days.length],
      }));
    let batches = 0;
    for (const part of [0, 1, 2]) {
      writeTweets(source, tweets.slice(20 * part, 20 * part + 20), 4, `part-${part}`);
      const limits = { maxFilesPerTrigger: 2, maxRowsPerTrigger: 9 };
      const { application } = await runTiers(session, source, "application", limits);
      batches += application.recentProgress.length;
      const expected = await session.sql(groupBy);
      assert.deepEqual(await session.sql("FROM application ORDER BY mention"), expected);
      assert.equal(expected.length, 4);
    }
    assert.ok(batches >= 8, `${batches} batches`);
    // A day's first tweet of a person may come in a later batch than the last one.
    const [ann] = await session.sql("FROM application WHERE mention = 'ann'");
    assert.deepEqual(ann.min_timestamp, new Date("2009-04-06T10:00:00Z"));
    assert.deepEqual(ann.max_timestamp, new Date("2009-04-07T16:00:00Z"));
  });
});
