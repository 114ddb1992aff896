import assert from "node:assert/strict";
import { confusionCounts, type Per } from "../../lib/evaluation/confusion.ts";
import { tableVersion } from "../../lib/lakehouse/history.ts";
import { Session } from "../../lib/streaming/session.ts";
import { withFolder } from "../lakehouse/with_lake.ts";
import { type GoldRow, insertGold, withGold } from "./with_gold.ts";

const rows: GoldRow[] = [
  ["a#0", "ann", "negative", "positive"],
  ["a#0", "ben", "negative", "positive"],
  ["a#0", "cem", "negative", "positive"],
  ["a#1", null, "positive", "positive"],
  ["a#2", "it's", "neutral", "negative"],
  ["a#3", "ann", null, "negative"],
  ["a#3", "ben", null, "negative"],
];

Deno.test("a tweet counts once per tweet, and once for each mention per row", async () => {
  await withGold(async (session) => {
    await insertGold(session, rows);
    const labels = ["negative", "neutral", "positive"];
    assert.deepEqual(await confusionCounts(session, { per: "tweet" }), {
      labels,
      counts: [[0, 0, 1], [1, 0, 0], [0, 0, 1]],
      notGiven: 1,
    });
    assert.deepEqual(await confusionCounts(session, { per: "row" }), {
      labels,
      counts: [[0, 0, 3], [1, 0, 0], [0, 0, 1]],
      notGiven: 2,
    });
  });
});

Deno.test("an earlier version of gold is counted as it was", async () => {
  await withGold(async (session) => {
    await insertGold(session, rows);
    const versionAsOf = await tableVersion(session.lake, "gold");
    await insertGold(session, [["b#0", null, "neutral", "neutral"]]);
    const hits = async (versionAsOf?: number) =>
      (await confusionCounts(session, { per: "tweet", versionAsOf })).counts[1][1];
    assert.equal(await hits(), 1);
    assert.equal(await hits(versionAsOf), 0);
    await assert.rejects(hits(-1), /version of gold must be a whole number/);
  });
});

Deno.test("without gold, the notebook to run first is named", async () => {
  await withFolder(async (folder) => {
    const session = await Session.open(folder);
    try {
      await assert.rejects(
        confusionCounts(session, { per: "tweet" }),
        /"gold" does not exist yet: run the notebook 05_silver_to_gold first/,
      );
      await assert.rejects(
        confusionCounts(session, { per: "mention" as Per }),
        /per must be "tweet" or "row", but is "mention"/,
      );
    } finally {
      await session.close();
    }
  });
});
