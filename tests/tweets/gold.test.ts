import assert from "node:assert/strict";
import { projectPath } from "../../lib/paths.ts";
import { openScorer } from "../../lib/sentiment/open_scorer.ts";
import type { Scorer } from "../../lib/sentiment/scorer.ts";
import { readProgress } from "../../lib/streaming/checkpoint.ts";
import { gold } from "../../lib/tweets/gold.ts";
import { withSession } from "../streaming/with_session.ts";
import { fakeScorer, runTiers, tweet, writeTweets } from "./tiers.ts";

Deno.test("gold has the columns and types of the data dictionary", async () => {
  await withSession(async (session, source) => {
    await runTiers(session, source, "gold");
    const silver = await session.lake.tableSchema("silver");
    assert.deepEqual(await session.lake.tableSchema("gold"), {
      ...silver,
      predicted_score: "DOUBLE",
      predicted_sentiment: "VARCHAR",
      sentiment_id: "INTEGER",
      predicted_sentiment_id: "INTEGER",
    });
  });
});

Deno.test("gold gives ids to negative and positive, and NULL to neutral and unknown", async () => {
  await withSession(async (session, source) => {
    // One vowel more is the fake scorer's next class.
    writeTweets(source, [
      tweet({ text: "xyz", sentiment: "0" }),
      tweet({ text: "xayz", sentiment: "2" }),
      tweet({ text: "xaayz", sentiment: "4" }),
      tweet({ text: "xyz", sentiment: "?" }),
    ]);
    const { gold } = await runTiers(session, source, "gold");
    const rows = await session.sql(
      "SELECT sentiment AS given, sentiment_id AS given_id, predicted_sentiment AS predicted, " +
        "predicted_sentiment_id AS predicted_id, predicted_score AS score FROM gold ORDER BY tweet_id",
    );
    assert.deepEqual(rows, [
      { given: "negative", given_id: 0, predicted: "negative", predicted_id: 0, score: 75 },
      { given: "neutral", given_id: null, predicted: "neutral", predicted_id: null, score: 75 },
      { given: "positive", given_id: 1, predicted: "positive", predicted_id: 1, score: 75 },
      { given: null, given_id: null, predicted: "negative", predicted_id: 0, score: 75 },
    ]);
    assert.equal(gold.lastProgress!.numInputRows, gold.lastProgress!.sink.numOutputRows);
  });
});

Deno.test("gold scores the cleaned text, and each of a batch's texts once", async () => {
  await withSession(async (session, source) => {
    writeTweets(source, [
      tweet({ text: "@ann @bob good morning" }),
      tweet({ text: "good morning @cy" }),
      tweet({ text: "Good morning" }),
      tweet({ text: "@ann" }),
    ]);
    const { scorer, calls } = fakeScorer();
    const seen: [number, number][] = [];
    const onScoring = (done: number, total: number) => void seen.push([done, total]);
    await runTiers(session, source, "gold", { scorer, onScoring });
    assert.deepEqual(calls.map((texts) => texts.toSorted()), [[
      "",
      "Good morning",
      "good morning",
    ]]);
    assert.deepEqual(seen, [[3, 3]]);
    assert.equal(await session.lake.count("gold"), 5);
  });
});

Deno.test("the progress record says which model scored a batch, in which file, and on what", async () => {
  await withSession(async (session, source) => {
    writeTweets(source, [tweet({ text: "hello" })]);
    await runTiers(session, source, "gold");
    const [{ observedMetrics }] = await readProgress(session.lake, "gold_stream");
    assert.deepEqual(observedMetrics, {
      model: "models:/O'Neill/3",
      provider: "cpu",
      modelFile: "model_int8.onnx",
      modelSha256: "0123456789abcdef",
      scoringErrors: 0,
    });
  });
});

Deno.test("the progress record counts the rows that have no prediction", async () => {
  await withSession(async (session) => {
    const { scoringErrors } = gold(fakeScorer().scorer).observe!;
    const [{ errors }] = await session.sql(
      `SELECT ${scoringErrors} AS errors FROM (VALUES ('neutral'), (NULL)) rows(predicted_sentiment)`,
    );
    assert.equal(errors, 1);
  });
});

Deno.test("gold has every row of silver once, whatever is in the texts", async () => {
  await withSession(async (session, source) => {
    const texts = [
      "\ufeffbyte order mark",
      "byte order mark",
      "\ufeff",
      "",
      "\u0000",
      "a\u0000b",
      "\ud83d",
      "\ufffd",
      "e\u0301",
      "\u00e9",
      "'; DROP TABLE gold; --",
      "<script>alert(1)</script>\r\n\u2028",
      "x".repeat(100_000),
      "\u00a0",
      "Ω",
      "Ω",
    ];
    writeTweets(source, [...texts, ...texts].map((text) => tweet({ text: `@ann ${text} @bob` })));
    await runTiers(session, source, "gold", { maxRowsPerTrigger: 20 });
    const rows = (table: string) =>
      session.sql(
        `SELECT tweet_id, mention, hex(cleaned_text) AS cleaned, hex(text) AS text FROM ${table}
         ORDER BY tweet_id, mention`,
      );
    const silver = await rows("silver");
    assert.equal(silver.length, 4 * texts.length);
    assert.deepEqual(await rows("gold"), silver);
  });
});

Deno.test("a scorer that fails ends the stream, and its batch is planned anew", async () => {
  await withSession(async (session, source) => {
    writeTweets(source, [tweet({ text: "hello" })]);
    const score = () => Promise.reject(new Error("the model is gone"));
    const broken = { ...fakeScorer().scorer, score } as unknown as Scorer;
    await assert.rejects(
      runTiers(session, source, "gold", { scorer: broken }),
      /gold_stream failed in batch 0: the model is gone/,
    );
    assert.equal(await session.lake.count("gold"), 0);
    await runTiers(session, source, "gold");
    assert.equal(await session.lake.count("gold"), 1);
  });
});

Deno.test("the model of the project tells good from bad, and nothing from something", async () => {
  const scorer = await openScorer({
    model: projectPath("data/model"),
    provider: "cpu",
    workers: 1,
    log: () => {},
  });
  try {
    await withSession(async (session, source) => {
      writeTweets(source, [
        tweet({ text: "@ann I love this, what a wonderful day! :)" }),
        tweet({ text: "I hate this, worst day ever, so sad :( @bob" }),
        tweet({ text: "@ann @bob" }),
      ]);
      await runTiers(session, source, "gold", { scorer });
      const rows = await session.sql(
        "SELECT DISTINCT tweet_id, predicted_sentiment, predicted_score FROM gold ORDER BY tweet_id",
      );
      assert.deepEqual(
        rows.map((row) => row.predicted_sentiment),
        ["positive", "negative", "neutral"],
      );
      for (const { predicted_score } of rows) {
        assert.ok(predicted_score > 100 / 3 && predicted_score <= 100, String(predicted_score));
      }
      assert.equal(rows[2].predicted_score, 100, "a tweet of mentions alone says nothing");
    });
  } finally {
    await scorer.close();
  }
});

Deno.test("gold's records name a model with a backslash, in SQL that Spark reads alike", async () => {
  await withSession(async (session, source) => {
    const model = "it's C:\\new\\";
    const { scorer } = fakeScorer();
    const named = { ...scorer, describe: () => ({ ...scorer.describe(), model }) } as Scorer;
    assert.doesNotMatch(gold(named).observe!.model, /\\/);
    writeTweets(source, [tweet({ text: "good morning" })]);
    const queries = await runTiers(session, source, "gold", { scorer: named });
    assert.equal(queries.gold.lastProgress!.observedMetrics.model, model);
  });
});
