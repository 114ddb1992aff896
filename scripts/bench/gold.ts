import { relative } from "node:path";
import { openScorer } from "../../lib/sentiment/open_scorer.ts";
import { providers } from "../../lib/sentiment/providers.ts";
import { gold as goldTransform } from "../../lib/tweets/gold.ts";
import { BareLimit } from "./bare_limit.ts";
import { commit, runTable, type Stage } from "./context.ts";
import { timesOf } from "./figure.ts";
import { inTurns } from "./taken.ts";

/** Silver to gold on the CPU, without the score cache. */
export const gold: Stage = async (bench) => {
  const { model, rounds, scored } = bench.options;
  const session = await bench.session();
  // Not always of all tweets, as scoring takes longest.
  await commit(session, (connection) =>
    connection.run(
      `CREATE TABLE scored AS FROM silver WHERE tweet_id IN
         (SELECT DISTINCT tweet_id FROM silver ORDER BY tweet_id LIMIT ${scored})`,
    ));
  const texts = (await session.sql<{ text: string }>(
    "SELECT DISTINCT cleaned_text AS text FROM scored WHERE cleaned_text <> ''",
  )).map(({ text }) => text);
  const scorer = await openScorer({ model, provider: "cpu" });
  const { modelFile, batches, workers } = scorer.describe();
  const limit = await BareLimit.open(model, relative(model, modelFile), texts, {
    workers,
    batchTokens: batches ? providers.cpu.batchTokens : 0,
  });
  await scorer.score(texts.slice(0, 100)); // warm, as the limit is
  const measured = await inTurns(rounds, {
    ours: (round) => runTable(session, "scored", goldTransform(scorer), `gold_${round}`),
    peer: () => limit.run(),
  });
  await Promise.all([limit.close(), scorer.close()]);
  return [timesOf({
    stage: "gold",
    what: `${texts.length} texts, silver to gold: rate`,
    peer: "bare ONNX Runtime on the same texts, tokenized and batched before",
    goal: { atLeast: 0.9 },
  }, measured)];
};
