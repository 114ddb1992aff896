import assert from "node:assert/strict";
import { topMentions } from "../../lib/tweets/top_mentions.ts";
import { applicationSchema } from "../../lib/tweets/application.ts";
import { commitSql } from "../lakehouse/with_lake.ts";
import { withSession } from "../streaming/with_session.ts";

Deno.test("the top mentions of a sentiment are those with most tweets of it, and none without", async () => {
  await withSession(async (session) => {
    await session.lake.createTable("application", applicationSchema);
    assert.deepEqual(await topMentions(session, "positive"), []);
    await commitSql(
      session.lake,
      `INSERT INTO application BY NAME
       SELECT 'user' || lpad(range::VARCHAR, 2, '0') AS mention, range % 7 AS positive, 3 AS neutral,
         CASE range WHEN 5 THEN 9 ELSE 0 END AS negative, 99 AS total
       FROM range(40)`,
    );
    const top = await topMentions(session, "positive", 3);
    assert.deepEqual(top, [
      { label: "user06", value: 6 },
      { label: "user13", value: 6 },
      { label: "user20", value: 6 },
    ]);
    const positive = await topMentions(session, "positive");
    assert.equal(positive.length, 20);
    assert.deepEqual(
      positive.map(({ value }) => value),
      positive.map(({ value }) => value).sort().reverse(),
    );
    assert.deepEqual(await topMentions(session, "negative"), [{ label: "user05", value: 9 }]);
    assert.equal((await topMentions(session, "neutral", 100)).length, 40);
    assert.equal((await topMentions(session, "positive", 100)).length, 34);
  });
});
