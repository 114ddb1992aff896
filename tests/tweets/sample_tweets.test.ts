import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { formatDate } from "../../lib/tweets/sample/dates.ts";
import { generateTweets } from "../../lib/tweets/sample/generate.ts";
import { rates } from "../../lib/tweets/sample/rates.ts";
import { sentences } from "../../lib/tweets/sample/sentences.ts";
import { words } from "../../lib/tweets/sample/words.ts";

const count = 10_000;
const tweets = [...generateTweets({ count, seed: 1 })];
const share = (test: (tweet: typeof tweets[number]) => boolean) =>
  tweets.filter(test).length / count;
const mentionsIn = (text: string) =>
  [...text.matchAll(/(?:^|[^A-Za-z0-9_])((?:@[A-Za-z0-9_]+)+)/g)]
    .flatMap(([, chain]) => chain.split("@").slice(1));
const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 0.02, `${actual}, expected about ${expected}`);

Deno.test("generateTweets() gives the same tweets for the same seed, on every machine", () => {
  const bytes = (seed: number) =>
    createHash("sha256").update(JSON.stringify([...generateTweets({ count: 500, seed })]))
      .digest("hex");
  assert.equal(bytes(1), bytes(1));
  assert.notEqual(bytes(1), bytes(2));
  // A change of this value means that everyone's sample input changes.
  assert.equal(bytes(1), "f62ab03bcfc2664e451fc43997ed696e15488e447829a586a1185f42eba6c266");
});

Deno.test("generateTweets() gives the first of more tweets for a smaller count", () => {
  assert.deepEqual([...generateTweets({ count: 3, seed: 1 })], tweets.slice(0, 3));
});

Deno.test("generateTweets() refuses counts and seeds that are no whole numbers", () => {
  assert.throws(() => [...generateTweets({ count: 1.5 })], /count must be a whole number/);
  assert.throws(() => [...generateTweets({ count: 1, seed: -1 })], /seed must be a whole number/);
});

Deno.test("generated texts are varied, and as long as tweets", () => {
  assert.ok(new Set(tweets.map(({ text }) => text)).size > 0.9 * count);
  const lengths = tweets.map(({ text }) => text.length).sort((a, b) => a - b);
  assert.ok(lengths[0] > 0 && lengths[count - 1] <= 140);
  assert.ok(lengths[count / 20] < 45, "some are short");
  assert.ok(lengths[count / 2] > 55 && lengths[count / 2] < 95, "half are of medium length");
  assert.ok(lengths[count * 0.9] > 110, "some are long");
});

Deno.test("generated texts have no unfilled places, and no letters cut in two", () => {
  for (const { text, user } of tweets) {
    assert.doesNotMatch(text, /\{[a-z]+\}|undefined/i);
    assert.ok(text.isWellFormed());
    assert.match(user, /^[A-Za-z0-9_]{4,15}$/);
  }
  const lists = [...Object.values(sentences).flat(), ...Object.values(words).flat()];
  for (const [, name] of lists.flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)])) {
    assert.ok(words[name]?.length > 0, name);
  }
});

Deno.test("generated labels have the shares of the three sentiments, some as numbers", () => {
  const { negative, neutral, positive } = rates.sentiments;
  near(share(({ sentiment }) => ["negative", "0"].includes(sentiment)), negative);
  near(share(({ sentiment }) => ["neutral", "2"].includes(sentiment)), neutral);
  near(share(({ sentiment }) => ["positive", "4"].includes(sentiment)), positive);
  near(share(({ sentiment }) => /^[024]$/.test(sentiment)), rates.numberLabel);
});

Deno.test("about half of the generated tweets mention someone, in every form", () => {
  near(share(({ text }) => mentionsIn(text).length > 0), rates.mention);
  const has = (pattern: RegExp) =>
    assert.ok(tweets.some(({ text }) => pattern.test(text)), String(pattern));
  has(/\(@\w+@\w+\)/); // a chain
  has(/@(\w+) .*@\w+ .*@\w+/); // several
  has(/@\w+\.b/);
  has(/\w+@mail\.example\.org/);
  has(/^(@\w+ ?)+ $/); // nothing else
  assert.ok(tweets.some(({ text }) => {
    const [first, second] = mentionsIn(text);
    return second !== undefined && first !== second &&
      first.toLowerCase() === second.toLowerCase();
  }));
});

Deno.test("few accounts get many mentions, and few authors write many tweets", () => {
  for (
    const names of [
      tweets.flatMap(({ text }) => mentionsIn(text).map((name) => name.toLowerCase())),
      tweets.map(({ user }) => user),
    ]
  ) {
    const times = new Map<string, number>();
    for (const name of names) times.set(name, (times.get(name) ?? 0) + 1);
    const counts = [...times.values()].sort((a, b) => b - a);
    assert.ok(counts[0] > 0.004 * names.length && counts[0] < 0.05 * names.length);
    assert.ok(counts.filter((times) => times === 1).length > 0.3 * counts.length);
  }
});

Deno.test("some accounts are loved and some hated", () => {
  const of = (name: string, ...labels: string[]) =>
    tweets.filter(({ text, sentiment }) =>
      labels.includes(sentiment) && mentionsIn(text).includes(name)
    ).length;
  assert.ok(
    of("TheMarblefoxes", "positive", "4") > 2 * of("TheMarblefoxes", "negative", "0"),
  );
  assert.ok(of("Zumbrellair", "negative", "0") > 2 * of("Zumbrellair", "positive", "4"));
});

Deno.test("generated dates name the right weekday, in several zones", () => {
  const zones = new Set<string>();
  let others = 0;
  for (const { date } of tweets) {
    const match = /^(\w{3}) (\w{3} \d\d) (\d\d:\d\d:\d\d) ([A-Z]{3,5}) (2009)$/.exec(date);
    const day = match && new Date(`${match[2]} ${match[5]} ${match[3]} UTC`);
    if (!day || Number.isNaN(day.getTime()) || !day.toUTCString().includes(match![2].slice(4))) {
      others++;
      continue;
    }
    zones.add(match![4]);
    if (match![4] in rates.zones) assert.ok(day.toUTCString().startsWith(match![1]), date);
  }
  for (const zone of [...Object.keys(rates.zones), "XYZ"]) assert.ok(zones.has(zone), zone);
  assert.ok(others > 0 && others < 0.01 * count, `${others} broken dates`);
});

Deno.test("formatDate() writes an instant as the zone's clocks show it", () => {
  const instant = Date.UTC(2009, 3, 7, 5, 19, 45);
  assert.equal(formatDate(instant, "PDT", -7), "Mon Apr 06 22:19:45 PDT 2009");
  assert.equal(formatDate(instant, "JST", 9), "Tue Apr 07 14:19:45 JST 2009");
});

Deno.test("generated texts hold what breaks careless programs", () => {
  for (
    const part of [
      "<script>",
      "DROP TABLE",
      "\u202e",
      "\n",
      "&amp;",
      "&quot;",
      "&lt;",
      '"',
      "\\",
      "😀",
      "http://",
      "#",
    ]
  ) {
    assert.ok(tweets.some(({ text }) => text.includes(part)), JSON.stringify(part));
  }
  assert.ok(share(({ text }) => /([a-z])\1\1/i.test(text)) > 0.05, "letters drawn out");
});
