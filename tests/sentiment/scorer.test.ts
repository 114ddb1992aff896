import assert from "node:assert/strict";
import { projectPath } from "../../lib/paths.ts";
import { openScorer } from "../../lib/sentiment/open_scorer.ts";
import type { Sentiment } from "../../lib/sentiment/sentiment.ts";

const model = projectPath("data/model");
const scorer = await openScorer({ model, provider: "cpu", workers: 2 });

const obvious: [string, Sentiment["label"]][] = [
  ["I love this so much, best day ever!", "positive"],
  ["what a wonderful concert, thank you all", "positive"],
  ["so happy for you, congratulations", "positive"],
  ["this cake is delicious", "positive"],
  ["great game tonight, we won!", "positive"],
  ["I hate Mondays, everything is awful", "negative"],
  ["my phone broke again, so angry", "negative"],
  ["worst service I have ever had", "negative"],
  ["so sad, my cat died today", "negative"],
  ["feeling sick and miserable", "negative"],
  ["The meeting is on Tuesday at ten", "neutral"],
  ["The library opens at 9 am tomorrow", "neutral"],
];
const texts = obvious.map(([text]) => text);

// Probabilities of three classes that belong together.
function assertSound(sentiment: Sentiment): void {
  const { label, score, negative, neutral, positive } = sentiment;
  assert.ok(Math.abs(negative + neutral + positive - 1) < 1e-9, JSON.stringify(sentiment));
  assert.equal(score, Math.max(negative, neutral, positive));
  assert.equal(sentiment[label], score);
}

Deno.test("obvious tweets get the obvious labels", async () => {
  const sentiments = await scorer.score(texts);
  sentiments.forEach(assertSound);
  assert.deepEqual(
    sentiments.map(({ label }, i) => [texts[i], label]),
    obvious,
  );
});

Deno.test("sentiments stand in the order of the texts, duplicates included", async () => {
  const expected = await scorer.score(texts);
  const many = Array.from({ length: 200 }, (_, i) => (i * 7) % texts.length);
  const sentiments = await scorer.score(many.map((i) => texts[i]));
  assert.deepEqual(sentiments, many.map((i) => expected[i]));
});

Deno.test("a text's probabilities depend on nothing but the text", async () => {
  const expected = await scorer.score(texts);
  const alone = await openScorer({ model, provider: "cpu", workers: 1 });
  for (const [i, text] of texts.entries()) {
    assert.deepEqual(await alone.score([text]), [expected[i]]);
  }
  await alone.close();
});

Deno.test("a text that says nothing is neutral", async () => {
  const neutral = { label: "neutral", score: 1, negative: 0, neutral: 1, positive: 0 };
  assert.deepEqual(await scorer.score(["", " \n\t ", "&nbsp;"]), [neutral, neutral, neutral]);
  assert.deepEqual(await scorer.score([]), []);
});

Deno.test("hostile texts are scored like any other", async () => {
  const hostile = [
    "word ".repeat(20_000),
    "x".repeat(100_000),
    "@".repeat(100_000),
    "@a".repeat(50_000),
    "&amp;".repeat(20_000),
    "😀".repeat(25_000),
    "half \ud800 a pair \udc00",
    "a\u0000b",
    "\u0000",
    "<script>alert('x')</script>",
    "مرحبا 世界 שלום",
    "[CLS] [SEP] [PAD] </s>",
  ];
  const sentiments = await scorer.score(hostile);
  assert.equal(sentiments.length, hostile.length);
  sentiments.forEach(assertSound);
});

Deno.test("what is no string is refused by its position", async () => {
  await assert.rejects(
    scorer.score(["fine", null as unknown as string]),
    { name: "BirdsongError", message: /text 1 to score must be a string/ },
  );
});

Deno.test("progress counts every text, to the last", async () => {
  const seen: number[] = [];
  const many = Array.from({ length: 100 }, (_, i) => `tweet number ${i % 50}`);
  await scorer.score(many, {
    onProgress: (done, total) => {
      assert.equal(total, 100);
      seen.push(done);
    },
  });
  assert.deepEqual(seen, [...seen].sort((a, b) => a - b));
  assert.equal(seen.at(-1), 100);
});

Deno.test("the main thread stays free while texts are scored", async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  await scorer.score(Array.from({ length: 200 }, (_, i) => `what a day, number ${i}`));
  clearInterval(timer);
  assert.ok(turns > 5, `${turns} turns of the event loop`);
});

Deno.test("an aborted call stops early with the signal's reason; the scorer can go on", async () => {
  const controller = new AbortController();
  // More than the two chunks that each worker has at hand.
  const many = Array.from(
    { length: 2000 },
    (_, i) => `tweet number ${i} ${"of a long day ".repeat(9)}`,
  );
  let scored = 0;
  await assert.rejects(
    scorer.score(many, {
      signal: controller.signal,
      onProgress: (done) => {
        scored = done;
        controller.abort(new Error("enough"));
      },
    }),
    /enough/,
  );
  assert.ok(scored < many.length, `${scored} texts were scored after the abort`);
  await assert.rejects(scorer.score(many, { signal: controller.signal }), /enough/);
  assert.equal((await scorer.score(texts)).length, texts.length);
});

Deno.test("two calls at once both get their sentiments", async () => {
  const expected = await scorer.score(texts);
  const [first, second] = await Promise.all([
    scorer.score(texts),
    scorer.score(texts.toReversed()),
  ]);
  assert.deepEqual(first, expected);
  assert.deepEqual(second, expected.toReversed());
});

Deno.test("a closed scorer says that it is closed, also to a call that was under way", async () => {
  const short = await openScorer({ model, provider: "cpu", workers: 1 });
  const underWay = short.score(Array.from({ length: 500 }, (_, i) => `tweet number ${i}`));
  const rejected = assert.rejects(underWay, /the scorer is closed/);
  await short.close();
  await rejected;
  await assert.rejects(short.score(["more"]), /the scorer is closed/);
  await short.close();
});

Deno.test("closing ends the worker threads", async () => {
  await scorer.close();
});
