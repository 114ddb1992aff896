import { RowWriter } from "../lakehouse/row_writer.ts";
import { identifier } from "../lakehouse/sql_text.ts";
import type { Scorer } from "../sentiment/scorer.ts";
import type { MicroBatch, Transform } from "../streaming/transform.ts";
import { silver } from "./silver.ts";

/** Told how many of a batch's texts are scored. */
export type ScoringProgress = (done: number, total: number) => void;

/**
 * Silver to gold: the model's sentiment of every `cleaned_text`. Rows of one tweet share their
 * text, and many tweets are alike: distinct texts are scored once.
 */
export function gold(scorer: Scorer, onProgress?: ScoringProgress): Transform {
  return {
    schema: {
      ...silver.schema,
      /** Probability of the predicted class in percent, 0 to 100. */
      predicted_score: "DOUBLE",
      /** negative, neutral or positive. */
      predicted_sentiment: "VARCHAR",
      /** 0 negative, 1 positive, NULL neutral or not given. */
      sentiment_id: "INTEGER",
      predicted_sentiment_id: "INTEGER",
    },
    apply: async (batch) => {
      const scores = await scoreTexts(batch, scorer, onProgress);
      return `SELECT silver.*,
         scores.predicted_score,
         scores.predicted_sentiment,
         ${binaryId("silver.sentiment")} AS sentiment_id,
         ${binaryId("scores.predicted_sentiment")} AS predicted_sentiment_id
       FROM ${batch.relation} AS silver JOIN temp.${scores} AS scores USING (cleaned_text)`;
    },
  };
}

/** Scores a batch's distinct texts into a temporary table; returns its name. */
async function scoreTexts(
  batch: MicroBatch,
  scorer: Scorer,
  onProgress?: ScoringProgress,
): Promise<string> {
  const { connection, relation, signal } = batch;
  const rows = await connection.rows(`SELECT DISTINCT cleaned_text FROM ${relation}`);
  const texts = rows.map((row) => row.cleaned_text as string);
  const sentiments = await scorer.score(texts, { signal, onProgress });
  const scores = await RowWriter.create(connection, "scores", {
    cleaned_text: "VARCHAR",
    predicted_score: "DOUBLE",
    predicted_sentiment: "VARCHAR",
  });
  for (const [index, { label, score }] of sentiments.entries()) {
    scores.add([texts[index], 100 * score, label]);
  }
  scores.close();
  return identifier("scores");
}

function binaryId(column: string): string {
  return `(CASE ${column} WHEN 'negative' THEN 0 WHEN 'positive' THEN 1 END)::INTEGER`;
}
