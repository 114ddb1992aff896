import { basename } from "node:path";
import { RowWriter } from "../lakehouse/row_writer.ts";
import { literal, type Schema } from "../lakehouse/sql_text.ts";
import type { Scorer } from "../sentiment/scorer.ts";
import type { MicroBatch, Transform } from "../streaming/transform.ts";
import { silver } from "./silver.ts";

/** Told how many of a batch's texts are scored. */
export type ScoringProgress = (done: number, total: number) => void;

/** Gold's columns: silver's, and what the model says. */
export const goldSchema = {
  ...silver.schema,
  /** Probability of the predicted class in percent, 0 to 100, with four decimals. */
  predicted_score: "DOUBLE",
  /** negative, neutral or positive. */
  predicted_sentiment: "VARCHAR",
  /** 0 negative, 1 positive, NULL neutral or not given. */
  sentiment_id: "INTEGER",
  predicted_sentiment_id: "INTEGER",
} satisfies Schema;

/**
 * Silver to gold: the model's sentiment of every `cleaned_text`. Rows of one tweet share their
 * text, and many tweets are alike: distinct texts are scored once. The progress record says which
 * model it was, in which file, and on what.
 */
export function gold(scorer: Scorer, onProgress?: ScoringProgress): Transform {
  const { model, provider, modelFile, sha256, folder } = scorer.describe();
  return {
    schema: goldSchema,
    observe: {
      model: same(model),
      provider: same(provider),
      modelFile: same(basename(modelFile)),
      modelSha256: same(sha256),
      // On Spark, a text that cannot be scored leaves its row without a prediction; here, it ends the
      // stream.
      scoringErrors: "count_if(predicted_sentiment IS NULL)",
    },
    apply: async (batch) => {
      const scores = await scoreTexts(batch, scorer, onProgress);
      return `SELECT silver.*,
         scores.predicted_score,
         scores.predicted_sentiment,
         ${binaryId("silver.sentiment")} AS sentiment_id,
         ${binaryId("scores.predicted_sentiment")} AS predicted_sentiment_id
       FROM ${batch.relation} AS silver JOIN ${scores} AS scores USING (cleaned_text)`;
    },
    spark: ({ relation, scoreCommand }) =>
      `SELECT silver.*, predicted_score, predicted_sentiment,
         ${binaryId("silver.sentiment")} AS sentiment_id,
         ${binaryId("predicted_sentiment")} AS predicted_sentiment_id
       FROM (
         SELECT from_json("row", '${sparkRow}', ${exactTimes}) AS silver,
           CAST(score AS DOUBLE) AS predicted_score, label AS predicted_sentiment
         FROM (
           SELECT TRANSFORM("row", "text") USING ${scoreCommand(folder)}
             AS ("row" STRING, label STRING, score STRING, error STRING)
           FROM (
             SELECT to_json(struct(*), ${exactTimes}) AS "row",
               to_json(struct(cleaned_text AS "text")) AS "text"
             FROM (SELECT * FROM ${relation} DISTRIBUTE BY cleaned_text))))`,
  };
}

/** Scores a batch's distinct texts; returns them with their scores, as a relation. */
async function scoreTexts(
  batch: MicroBatch,
  scorer: Scorer,
  onProgress?: ScoringProgress,
): Promise<string> {
  const { connection, relation, signal } = batch;
  // Scores find their text by its number: a string that has been in JavaScript need not be equal to
  // the one in DuckDB any more (a byte order mark is lost).
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE texts AS
     SELECT row_number() OVER () AS id, cleaned_text
     FROM (SELECT DISTINCT cleaned_text FROM ${relation})`,
  );
  const rows = await connection.rows("SELECT id, cleaned_text FROM temp.texts ORDER BY id");
  const texts = rows.map((row) => row.cleaned_text as string);
  const sentiments = await scorer.score(texts, { signal, onProgress });
  const scores = await RowWriter.create(connection, "scores", {
    id: "INTEGER",
    predicted_score: "DOUBLE",
    predicted_sentiment: "VARCHAR",
  });
  for (const [index, { label, score }] of sentiments.entries()) {
    // The runtimes differ in the last bits of an exponential; rounded, they write the same table.
    scores.add([rows[index].id, Math.round(1e6 * score) / 1e4, label]);
  }
  scores.close();
  return "(FROM temp.texts JOIN temp.scores USING (id))";
}

// Rows go through the scorer as JSON, which would cut times to milliseconds.
const exactTimes = `map('timestampFormat', 'yyyy-MM-dd HH:mm:ss.SSSSSSXXX')`;
const sparkRow = "timestamp TIMESTAMP, mention STRING, cleaned_text STRING, text STRING, " +
  "sentiment STRING, tweet_id STRING";

/** An aggregate that is this text for every batch; Spark would take a backslash for an escape. */
function same(text: string): string {
  return `any_value(${literal(text).replaceAll("\\", "' || chr(92) || '")})`;
}

function binaryId(column: string): string {
  return `CAST(CASE ${column} WHEN 'negative' THEN 0 WHEN 'positive' THEN 1 END AS INTEGER)`;
}
