import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { BirdsongError } from "../../lib/errors.ts";
import { projectPath } from "../../lib/paths.ts";
import { bronze } from "../../lib/tweets/bronze.ts";
import { tiers } from "../../lib/tweets/pipeline.ts";
import { requireTable } from "../../lib/tweets/require_table.ts";
import { withSession } from "../streaming/with_session.ts";
import { runTiers, tweet, writeTweets } from "./tiers.ts";

Deno.test("a notebook that needs a table says which notebook makes it, until it has rows", async () => {
  await withSession(async (session, source) => {
    const missing = (table: typeof tiers[number], problem: string) =>
      assert.rejects(requireTable(session, table), (error: Error) => {
        assert.ok(error instanceof BirdsongError);
        const [, notebook] = /run the notebook (\w+) first/.exec(error.message)!;
        assert.ok(error.message.startsWith(`the table "${table}" ${problem}: `), error.message);
        assert.ok(existsSync(projectPath(`notebooks/${notebook}.ipynb`)), notebook);
        assert.deepEqual(error.context, { table, lake: session.lake.folder });
        return true;
      });
    for (const table of tiers) await missing(table, "does not exist yet");
    await session.lake.createTable("bronze", bronze.schema);
    await missing("bronze", "is empty");
    writeTweets(source, [tweet({ text: "hello @ann" })]);
    await runTiers(session, source, "application");
    for (const table of tiers) await requireTable(session, table);
  });
});
