import assert from "node:assert/strict";
import { goldModelOf } from "../../lib/evaluation/gold_model.ts";
import { tableVersion } from "../../lib/lakehouse/history.ts";
import type { Scorer } from "../../lib/sentiment/scorer.ts";
import { withSession } from "../streaming/with_session.ts";
import { fakeDescription, fakeScorer, runTiers, tweet, writeTweets } from "../tweets/tiers.ts";
import { withGold } from "./with_gold.ts";

Deno.test("a version of gold tells which models scored it, and on what", async () => {
  await withSession(async (session, source) => {
    writeTweets(source, [tweet({ text: "hello" })]);
    await runTiers(session, source, "gold");
    const first = await tableVersion(session.lake, "gold");
    const expected = {
      scored_by: "models:/O'Neill/3",
      provider: "cpu",
      model_file: "model_int8.onnx",
      model_sha256: "0123456789abcdef",
    };
    assert.deepEqual(await goldModelOf(session, first), expected);

    writeTweets(source, [tweet({ text: "bye" })], 4, "later");
    const describe = () => ({ ...fakeDescription, model: "models:/OTHER/4" });
    const scorer = { ...fakeScorer().scorer, describe } as unknown as Scorer;
    await runTiers(session, source, "gold", { scorer });
    const second = await tableVersion(session.lake, "gold");
    assert.deepEqual(await goldModelOf(session, second), {
      ...expected,
      scored_by: "models:/O'Neill/3, models:/OTHER/4",
    });
    assert.deepEqual(await goldModelOf(session, first), expected);
  });
});

Deno.test("gold that no stream made tells nothing", async () => {
  await withGold(async (session) => {
    assert.deepEqual(await goldModelOf(session, 9), {});
  });
});
