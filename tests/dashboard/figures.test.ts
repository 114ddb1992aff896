import assert from "node:assert/strict";
import { readFigures } from "../../lib/dashboard/figures.ts";
import { rawTweet } from "../../lib/tweets/bronze.ts";
import { withLake } from "../lakehouse/with_lake.ts";
import { fakeLabel } from "../tweets/tiers.ts";
import { sampleTweets, withTables } from "./tables.ts";
import { cleanText, mentionsOf } from "../../lib/tweets/mentions.ts";

/** The names with the highest counts, as the dashboard orders them. */
function top(names: string[]): { label: string; value: number }[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([label, value]) => ({ label, value }))
    .sort((a, b) => b.value - a.value || (a.label < b.label ? -1 : 1)).slice(0, 10);
}

Deno.test("readFigures() counts tweets once each, and people by what is predicted of their tweets", async () => {
  const tweets = sampleTweets;
  await withTables(async (session) => {
    const figures = await readFigures(session.lake);
    const withMention = tweets.filter(({ text }) => mentionsOf(text).length > 0).length;
    assert.deepEqual(figures.counters, {
      tweets: tweets.length,
      withMention,
      withoutMention: tweets.length - withMention,
    });
    assert.deepEqual(figures.tweeters, top(tweets.map(({ user }) => user)));
    for (const sentiment of ["positive", "negative"] as const) {
      const mentioned = tweets.filter(({ text }) => fakeLabel(cleanText(text)) === sentiment)
        .flatMap(({ text }) => mentionsOf(text));
      assert.ok(mentioned.length > 0);
      assert.deepEqual(figures[sentiment], top(mentioned), sentiment);
    }
    assert.equal(figures.version, await session.lake.currentVersion());
    assert.deepEqual(
      figures.streams.map(({ name, state, lastBatch }) => [name, state, lastBatch?.rows]),
      [
        ["bronze_stream", "ended", 264],
        ["silver_stream", "ended", 264],
        ["gold_stream", "ended", 274],
        ["application_stream", "ended", 274],
      ],
    );
  });
});

Deno.test("readFigures() has null for tables that are not there yet", async () => {
  await withLake(async (lake) => {
    const none = await readFigures(lake);
    const { counters, tweeters, positive, negative, streams } = none;
    assert.deepEqual([counters, tweeters, positive, negative], [null, null, null, null]);
    assert.deepEqual(streams, []);
    await lake.createTable("bronze", rawTweet);
    const first = await readFigures(lake);
    assert.deepEqual([first.counters, first.tweeters, first.positive], [null, [], null]);
  });
});
