import assert from "node:assert/strict";
import { runTiers } from "../../lib/jobs/daily_steps.ts";
import { withSession } from "../streaming/with_session.ts";
import { fakeScorer, tweet, writeTweets } from "../tweets/tiers.ts";

const files = 20;

Deno.test("runTiers() takes what is new, tier by tier, and counts the lines", async () => {
  await withSession(async (session, source) => {
    writeTweets(source, ["@ann hello", "nobody"].map((text) => tweet({ text })));
    const { scorer } = fakeScorer();
    const settings = { source, maxFilesPerTrigger: 9, maxRowsPerTrigger: 9 };
    const { signal } = new AbortController();
    assert.equal(await runTiers(session, scorer, settings, signal), 2);
    assert.equal((await session.sql("FROM application")).length, 1);
    assert.equal(await runTiers(session, scorer, settings, signal), 0);
  });
});

Deno.test("runTiers() stops a stream that was starting when it was asked to end", async () => {
  await withSession(async (session, source) => {
    writeTweets(source, Array.from({ length: files }, (_, i) => tweet({ text: `${i}` })), files);
    const end = new AbortController();
    const ending = Object.create(session, {
      readStream: {
        get() {
          end.abort(new Error("enough for today"));
          return session.readStream;
        },
      },
    });
    const settings = { source, maxFilesPerTrigger: 1, maxRowsPerTrigger: 9 };
    const { scorer } = fakeScorer();
    await assert.rejects(runTiers(ending, scorer, settings, end.signal), /enough for today/);
    assert.deepEqual(session.streams.active, []);
    const [{ rows }] = await session.sql("SELECT count(*) AS rows FROM bronze");
    assert.ok(rows < files, `${rows} of ${files} files were taken`);
  });
});
