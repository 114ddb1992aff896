import { identifier, type Schema } from "../lakehouse/sql_text.ts";
import type { Transform } from "../streaming/transform.ts";

/** The fields of a tweet's JSON. All are text: what they mean is silver's business. */
export const rawTweet = {
  date: "VARCHAR",
  user: "VARCHAR",
  text: "VARCHAR",
  sentiment: "VARCHAR",
} satisfies Schema;

/**
 * Raw JSON to bronze: every line of every file, as it came, with where and when it came from.
 *
 * A `tweet_id` is the tweet's file and line (`2009/tweets-000017.json#3`): it follows the tweet
 * through all tiers.
 */
export const bronze: Transform = bronzeWith({});

/** Bronze with further columns of the files, as they came. */
function bronzeWith(added: Schema): Transform {
  return {
    schema: {
      ...rawTweet,
      source_file: "VARCHAR",
      processing_time: "TIMESTAMP WITH TIME ZONE",
      tweet_id: "VARCHAR",
      /** Fields that the schema does not know, as JSON. */
      _rescued_data: "VARCHAR",
      /** The line, where it is no JSON object. */
      _corrupt_record: "VARCHAR",
      ...added,
    },
    apply: ({ relation }) => bronzeRows(relation, added),
    spark: ({ relation }) => bronzeRows(relation, added),
    withColumns: bronzeWith,
  };
}

/** SQL that DuckDB and Spark read alike. */
function bronzeRows(relation: string, added: Schema): string {
  return `SELECT "date", "user", "text", sentiment,
      _metadata.file_path AS source_file,
      now() AS processing_time,
      _metadata.file || '#' || _metadata.line AS tweet_id,
      _rescued_data, _corrupt_record
      ${Object.keys(added).map((name) => `, ${identifier(name)}`).join("")}
    FROM ${relation}`;
}
