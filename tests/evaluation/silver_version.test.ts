import assert from "node:assert/strict";
import { silverVersionOf } from "../../lib/evaluation/silver_version.ts";
import { tableVersion } from "../../lib/lakehouse/history.ts";
import { optimize } from "../../lib/lakehouse/optimize.ts";
import type { Session } from "../../lib/streaming/session.ts";
import { silver } from "../../lib/tweets/silver.ts";
import { commitSql } from "../lakehouse/with_lake.ts";
import { insertGold, withGold } from "./with_gold.ts";

async function insertSilver(session: Session): Promise<number> {
  await commitSql(session.lake, `INSERT INTO silver (tweet_id, "text") VALUES ('a#0', 'text')`);
  return await tableVersion(session.lake, "silver");
}

/** Scores what is new in silver; `meanwhile` happens while it does. */
async function runGold(session: Session, meanwhile?: () => Promise<unknown>): Promise<number> {
  const query = await session.readStream.table("silver")
    .transform({
      schema: silver.schema,
      apply: async ({ relation }) => {
        await meanwhile?.();
        return `FROM ${relation}`;
      },
    })
    .writeStream.queryName("gold_stream").trigger({ availableNow: true }).toTable("gold");
  await query.awaitTermination();
  return await tableVersion(session.lake, "gold");
}

Deno.test("silver that came while gold was scored is not the version that gold was made of", async () => {
  await withGold(async (session) => {
    const first = await insertSilver(session);
    let second = -1;
    const gold = await runGold(session, async () => second = await insertSilver(session));
    assert.ok(second > first && second < gold);
    assert.equal(await silverVersionOf(session, gold), first);

    const next = await runGold(session);
    assert.equal(await silverVersionOf(session, next), second);
    assert.equal(await silverVersionOf(session, gold), first, "time travel");
  });
});

Deno.test("compaction of silver makes no version that gold was made of", async () => {
  await withGold(async (session) => {
    await insertSilver(session);
    const last = await insertSilver(session);
    await optimize(session.lake, "silver");
    assert.equal((await session.history("silver"))[0].operation, "OPTIMIZE");
    assert.equal(await silverVersionOf(session, await runGold(session)), last);
  });
});

Deno.test("where the engine does not know what gold has read, no version is guessed", async () => {
  await withGold(async (session) => {
    await insertSilver(session);
    const originOf = () => Promise.resolve({ progress: [], sourceVersion: undefined });
    assert.equal(await silverVersionOf({ ...session, originOf } as never, 1), undefined);
  });
});

Deno.test("gold without a stream was made of the silver before it", async () => {
  await withGold(async (session) => {
    const before = await insertSilver(session);
    await insertGold(session, [["a#0", null, "positive", "positive"]]);
    const gold = await tableVersion(session.lake, "gold");
    await insertSilver(session);
    assert.equal(await silverVersionOf(session, gold), before);
  });
});
