import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { BirdsongError } from "../../lib/errors.ts";
import { projectPath } from "../../lib/paths.ts";
import { Session } from "../../lib/streaming/session.ts";
import { startTier, tiers } from "../../lib/tweets/pipeline.ts";
import { generateTweets } from "../../lib/tweets/sample/generate.ts";
import { withSession } from "../streaming/with_session.ts";
import { expectedApplication, expectedGold, sorted } from "./expected.ts";
import { fakeScorer, runTiers, type Tweet, tweet, writeTweets } from "./tiers.ts";

const realTweets = projectPath("../shared/data/sentiment140/sample-20k.csv");

/** Every n-th of the real tweets. */
function everyNth(n: number): Tweet[] {
  // polarity, id, date, query, user, text: all in quotes, which no tweet of the sample repeats.
  return readFileSync(realTweets, "utf8").split("\n").filter((line, index) =>
    line && index % n === 0
  )
    .map((line) => {
      const [sentiment, , date, , user, ...text] = line.trimEnd().slice(1, -1).split('","');
      return { sentiment, date, user, text: text.join('","').replaceAll('""', '"') };
    });
}

/** Runs the pipeline over these tweets in several batches, and compares all four tables. */
async function compare(session: Session, source: string, tweets: Tweet[]): Promise<void> {
  const byId = writeTweets(source, tweets, 5);
  const limits = { maxFilesPerTrigger: Math.ceil(byId.size / 15), maxRowsPerTrigger: 150 };
  const queries = await runTiers(session, source, "application", limits);
  for (const query of Object.values(queries)) {
    assert.ok(query.recentProgress.length > 1, query.name);
  }

  const bronze = await session.sql("SELECT tweet_id, date, user, text, sentiment FROM bronze");
  assert.deepEqual(
    sorted(bronze),
    sorted([...byId].map(([tweet_id, fields]) => ({ tweet_id, ...fields }))),
  );
  const gold = expectedGold(byId);
  assert.deepEqual(sorted(await session.table("gold")), sorted(gold));
  const silver = gold.map((row) => {
    const { predicted_score: _1, predicted_sentiment: _2, ...rest } = row;
    const { sentiment_id: _3, predicted_sentiment_id: _4, ...silver } = rest;
    return silver;
  });
  assert.deepEqual(sorted(await session.table("silver")), sorted(silver));
  assert.deepEqual(
    await session.sql("FROM application ORDER BY mention"),
    expectedApplication(gold),
  );
}

Deno.test({
  name: "four hundred real tweets become what an independent computation makes of them",
  ignore: !existsSync(realTweets),
  fn: () =>
    withSession(async (session, source) => {
      const tweets = everyNth(50);
      assert.equal(tweets.length, 400);
      await compare(session, source, tweets);
    }),
});

Deno.test("generated tweets become what an independent computation makes of them", async () => {
  await withSession(async (session, source) => {
    await compare(session, source, [...generateTweets({ count: 600, seed: 7 })]);
    const zones = await session.sql(
      `SELECT DISTINCT regexp_extract(date, '[A-Z]{3,4}') AS zone FROM bronze`,
    );
    assert.ok(zones.length > 5, "dates of several zones");
  });
});

Deno.test("a second run adds nothing, and new files add exactly theirs", async () => {
  await withSession(async (session, source) => {
    const counts = async () => {
      const rows: Record<string, number> = {};
      for (const tier of tiers) rows[tier] = await session.lake.count(tier);
      return rows;
    };
    writeTweets(source, Array.from({ length: 20 }, (_, n) => tweet({ text: `@a${n} @b hi` })), 2);
    await runTiers(session, source, "application");
    const first = await counts();
    assert.deepEqual(first, { bronze: 20, silver: 40, gold: 40, application: 21 });
    const again = await runTiers(session, source, "application");
    assert.deepEqual(await counts(), first);
    for (const query of Object.values(again)) assert.deepEqual(query.recentProgress, []);
    writeTweets(
      source,
      Array.from({ length: 10 }, (_, n) => tweet({ text: `@c${n}` })),
      1,
      "a-new",
    );
    const more = await runTiers(session, source, "application");
    assert.deepEqual(await counts(), { bronze: 30, silver: 50, gold: 50, application: 31 });
    for (const query of Object.values(more)) {
      assert.deepEqual(query.recentProgress.map((progress) => progress.numInputRows), [10]);
    }
  });
});

Deno.test("all streams may run at once, and end with the same tables", async () => {
  await withSession(async (session, source) => {
    const { scorer } = fakeScorer();
    const options = {
      session,
      source,
      scorer,
      maxFilesPerTrigger: 3,
      trigger: { processingTime: "1 ms" },
    } as const;
    const queries = [];
    for (const tier of tiers) queries.push(await startTier[tier](options));
    assert.deepEqual(session.streams.active.map(({ name }) => name), [
      "bronze_stream",
      "silver_stream",
      "gold_stream",
      "application_stream",
    ]);
    const texts = Array.from({ length: 40 }, (_, n) => `@p${n % 7} text ${n}`);
    const byId = writeTweets(source, texts.map((text) => tweet({ text })));
    const application = queries.at(-1)!;
    const done = async () =>
      (await session.sql("SELECT coalesce(sum(total), 0) AS n FROM application"))[0].n === 40;
    while (!await done()) assert.equal(await application.awaitTermination(20), false);
    await session.streams.stopAll();
    const gold = expectedGold(byId);
    assert.deepEqual(sorted(await session.table("gold")), sorted(gold));
    assert.deepEqual(
      await session.sql("FROM application ORDER BY mention"),
      expectedApplication(gold),
    );
  });
});

Deno.test("a tier that is started before the one it reads says so", async () => {
  await withSession(async (session, source) => {
    const { scorer } = fakeScorer();
    for (
      const [tier, upstream] of [["silver", "bronze"], ["gold", "silver"], ["application", "gold"]]
    ) {
      await assert.rejects(
        startTier[tier as typeof tiers[number]]({ session, source, scorer }),
        (error: Error) => {
          assert.ok(error instanceof BirdsongError);
          assert.match(error.message, new RegExp(`^${tier}_stream reads the table "${upstream}"`));
          return true;
        },
      );
      assert.equal(await session.lake.tableExists(tier), false, "a table would look ready");
    }
  });
});
