import type { Schema } from "../lakehouse/sql_text.ts";
import type { ForeachBatch } from "../streaming/sink.ts";
import type { Transform } from "../streaming/transform.ts";

/** The application table: what is thought of each person who is mentioned. */
export const applicationSchema = {
  mention: "VARCHAR",
  /** Rows of gold by predicted sentiment. */
  negative: "BIGINT",
  neutral: "BIGINT",
  positive: "BIGINT",
  /** All three. */
  total: "BIGINT",
  min_timestamp: "TIMESTAMP WITH TIME ZONE",
  max_timestamp: "TIMESTAMP WITH TIME ZONE",
} satisfies Schema;

/** Gold to application: one row per mention and batch, which `mergeApplication` adds up. */
export const application: Transform = {
  schema: applicationSchema,
  reads: ["mention", "predicted_sentiment", "timestamp"],
  setAside: { withoutMention: "mention IS NULL" },
  apply: ({ relation }) => perMention(relation),
  spark: ({ relation }) => perMention(relation),
};

/** SQL that DuckDB and Spark read alike. */
function perMention(relation: string): string {
  return `SELECT mention,
       count(*) FILTER (WHERE predicted_sentiment = 'negative') AS negative,
       count(*) FILTER (WHERE predicted_sentiment = 'neutral') AS neutral,
       count(*) FILTER (WHERE predicted_sentiment = 'positive') AS positive,
       count(*) AS total,
       min("timestamp") AS min_timestamp,
       max("timestamp") AS max_timestamp
     FROM ${relation} GROUP BY mention`;
}

/** Adds a batch's figures to the application table; the cost is that of the batch. */
export const mergeApplication: ForeachBatch = (connection, batch) =>
  connection.run(
    `MERGE INTO application USING ${batch} AS batch ON application.mention = batch.mention
     WHEN MATCHED THEN UPDATE SET
       negative = application.negative + batch.negative,
       neutral = application.neutral + batch.neutral,
       positive = application.positive + batch.positive,
       total = application.total + batch.total,
       min_timestamp = least(application.min_timestamp, batch.min_timestamp),
       max_timestamp = greatest(application.max_timestamp, batch.max_timestamp)
     WHEN NOT MATCHED THEN INSERT *`,
  );
