import { literal } from "../lakehouse/sql_text.ts";
import type { Transform } from "../streaming/transform.ts";
import { mentionPattern, trimmedCharacters } from "./mentions.ts";
import { instantInSpark, instantOf } from "./zones.ts";

const chains = `regexp_extract_all("text", ${literal(mentionPattern)}, 2)`;

// A number is no text: bronze has put it aside, exactly as it came.
const given = "coalesce(sentiment, json_extract_string(_rescued_data, '$.sentiment'))";
const givenInSpark = "coalesce(sentiment, get_json_object(_rescued_data, '$.sentiment'))";

/** SQL for a text without its mentions; `cleanText` is the same in TypeScript. */
function cleanedText(column: string): string {
  return `trim(regexp_replace(${column}, ${literal(mentionPattern)}, '\\1', 'g'), ` +
    `${literal(trimmedCharacters)})`;
}

/**
 * Bronze to silver: dates become instants, mentions become rows, texts lose their mentions.
 *
 * A tweet with three mentions gives three rows, a tweet without one gives one row with a NULL
 * mention (Spark's `explode_outer`). The given sentiment may be a word or Sentiment140's number.
 */
export const silver: Transform = {
  schema: {
    /** UTC; NULL where the date or its zone does not parse. */
    timestamp: "TIMESTAMP WITH TIME ZONE",
    /** Lower case, without @; NULL where the tweet mentions no one. */
    mention: "VARCHAR",
    cleaned_text: "VARCHAR",
    text: "VARCHAR",
    /** negative, neutral or positive; NULL where the tweet gives none of them. */
    sentiment: "VARCHAR",
    tweet_id: "VARCHAR",
  },
  reads: ["date", "text", "sentiment", "tweet_id", "_rescued_data", "_corrupt_record"],
  setAside: {
    corruptRecords: "_corrupt_record IS NOT NULL",
    withoutText: `_corrupt_record IS NULL AND "text" IS NULL`,
  },
  expectations: {
    "the date parses": { expect: '"timestamp" IS NOT NULL', action: "warn" },
    "the sentiment is known": { expect: "sentiment IS NOT NULL", action: "warn" },
  },
  apply: ({ relation }) =>
    `WITH tweets AS (
       SELECT *, list_distinct(flatten(list_transform(${chains},
         lambda chain: string_split(lower(chain[2:]), '@')))) AS mentions
       FROM ${relation})
     SELECT
       ${instantOf(`"date"`)} AS "timestamp",
       unnest(CASE WHEN len(mentions) = 0 THEN [NULL] ELSE mentions END) AS mention,
       ${cleanedText(`"text"`)} AS cleaned_text,
       "text",
       ${classOf(given)} AS sentiment,
       tweet_id
     FROM tweets`,
  spark: ({ relation }) =>
    `WITH tweets AS (
       SELECT *, array_distinct(flatten(transform(${chains},
         chain -> split(lower(substring(chain, 2)), '@')))) AS mentions
       FROM ${relation})
     SELECT
       ${instantInSpark(`"date"`)} AS "timestamp",
       mention,
       trim(BOTH ${literal(trimmedCharacters)} FROM
         regexp_replace("text", ${literal(mentionPattern)}, '$1')) AS cleaned_text,
       "text",
       ${classOf(givenInSpark)} AS sentiment,
       tweet_id
     FROM tweets LATERAL VIEW OUTER explode(mentions) AS mention`,
};

function classOf(given: string): string {
  return `CASE lower(trim(${given}))
         WHEN '0' THEN 'negative' WHEN 'negative' THEN 'negative'
         WHEN '2' THEN 'neutral' WHEN 'neutral' THEN 'neutral'
         WHEN '4' THEN 'positive' WHEN 'positive' THEN 'positive'
       END`;
}
