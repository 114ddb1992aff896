import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bronze, rawTweet } from "../../lib/tweets/bronze.ts";
import { withSession } from "../streaming/with_session.ts";
import { runTiers, tweet, writeTweets } from "./tiers.ts";

Deno.test("bronze has the columns and types of the data dictionary", async () => {
  await withSession(async (session, source) => {
    await runTiers(session, source, "bronze");
    assert.deepEqual(await session.lake.tableSchema("bronze"), {
      date: "VARCHAR",
      user: "VARCHAR",
      text: "VARCHAR",
      sentiment: "VARCHAR",
      source_file: "VARCHAR",
      processing_time: "TIMESTAMP WITH TIME ZONE",
      tweet_id: "VARCHAR",
      _rescued_data: "VARCHAR",
      _corrupt_record: "VARCHAR",
    });
  });
});

Deno.test("bronze keeps every tweet as it came, with where and when it came from", async () => {
  await withSession(async (session, source) => {
    const hostile = `<script>alert("1")</script> '); DROP TABLE bronze;-- \u0000\n\u202e😀`;
    const tweets = [
      tweet({ text: hostile, user: 'it\'s "me"' }),
      tweet({ text: " @Ann  ", date: "yesterday", sentiment: "4" }),
      tweet({ text: "x".repeat(100_000) }),
      tweet({ text: "" }),
    ];
    mkdirSync(join(source, "2009"));
    const byId = writeTweets(join(source, "2009"), tweets, 3);
    const before = Date.now();
    const { bronze } = await runTiers(session, source, "bronze");
    const rows = await session.sql("FROM bronze ORDER BY tweet_id");
    assert.deepEqual(
      rows.map(({ processing_time: _, ...row }) => row),
      [...byId].map(([id, fields]) => ({
        ...fields,
        source_file: join(source, "2009", id.split("#")[0]),
        tweet_id: `2009/${id}`,
        _rescued_data: null,
        _corrupt_record: null,
      })),
    );
    for (const { processing_time } of rows) {
      assert.ok(
        processing_time.getTime() >= before - 1000 && processing_time.getTime() <= Date.now(),
      );
    }
    assert.equal(bronze.lastProgress!.numInputRows, 4);
    assert.equal(bronze.lastProgress!.sink.numOutputRows, 4);
  });
});

Deno.test("bronze loses no record, whatever is wrong with it", async () => {
  await withSession(async (session, source) => {
    writeFileSync(
      join(source, "a.json"),
      [
        JSON.stringify(tweet({ text: "fine" })),
        '{"text":"cut off',
        JSON.stringify({ ...tweet({ text: "more" }), lang: "en", __proto__: null }),
        JSON.stringify({ ...tweet({ text: "number" }), sentiment: 4, user: null }),
        "",
        '{"unknown":true}',
      ].join("\n"),
    );
    const { bronze } = await runTiers(session, source, "bronze");
    const rows = await session.sql(
      "SELECT tweet_id, text, sentiment, _rescued_data AS rescued, _corrupt_record AS corrupt " +
        "FROM bronze ORDER BY tweet_id",
    );
    assert.deepEqual(rows, [
      { tweet_id: "a.json#1", text: "fine", sentiment: "positive", rescued: null, corrupt: null },
      {
        tweet_id: "a.json#2",
        text: null,
        sentiment: null,
        rescued: null,
        corrupt: '{"text":"cut off',
      },
      {
        tweet_id: "a.json#3",
        text: "more",
        sentiment: "positive",
        rescued: '{"lang":"en"}',
        corrupt: null,
      },
      {
        tweet_id: "a.json#4",
        text: "number",
        sentiment: null,
        rescued: '{"sentiment":4}',
        corrupt: null,
      },
      {
        tweet_id: "a.json#6",
        text: null,
        sentiment: null,
        rescued: '{"unknown":true}',
        corrupt: null,
      },
    ]);
    const { numInputRows, sink, observedMetrics } = bronze.lastProgress!;
    assert.equal(numInputRows, 5);
    assert.equal(sink.numOutputRows, 5);
    assert.deepEqual(observedMetrics, { corruptRecords: 1, rescuedRecords: 3 });
  });
});

Deno.test("bronze takes on columns that the source adds, and silver reads past them", async () => {
  await withSession(async (session, source) => {
    const run = async () => {
      const query = await session.readStream.schema(rawTweet)
        .options({ schemaEvolutionMode: "addNewColumns" }).json(source).transform(bronze)
        .writeStream.queryName("bronze_stream").options({ mergeSchema: true })
        .trigger({ availableNow: true }).toTable("bronze");
      await query.awaitTermination();
    };
    writeTweets(source, [tweet({ text: "before" })]);
    await run();
    const more = { ...tweet({ text: "@ann after" }), lang: "en", tweet_id: 7, Source_File: "x" };
    writeFileSync(join(source, "z.json"), `${JSON.stringify(more)}\n`);
    await assert.rejects(
      run(),
      /bronze_stream has found new columns: "lang" \(VARCHAR, first in "z\.json", line 1\)\. They/,
    );
    await run();
    assert.deepEqual(
      await session.sql("SELECT text, lang, tweet_id, _rescued_data FROM bronze ORDER BY tweet_id"),
      [
        { text: "before", lang: null, tweet_id: "tweets-000000.json#1", _rescued_data: null },
        {
          text: "@ann after",
          lang: "en",
          tweet_id: "z.json#1",
          _rescued_data: '{"tweet_id":7,"Source_File":"x"}',
        },
      ],
    );
    await runTiers(session, source, "silver");
    assert.deepEqual(await session.sql("SELECT mention FROM silver WHERE mention IS NOT NULL"), [
      { mention: "ann" },
    ]);
  });
});
