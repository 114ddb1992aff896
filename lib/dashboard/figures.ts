import type { BarRow } from "../charts/bar.ts";
import type { Connection, Parameters } from "../lakehouse/connection.ts";
import type { Lakehouse } from "../lakehouse/lakehouse.ts";
import { retryOnConflict } from "../lakehouse/retry.ts";
import type { Row } from "../lakehouse/row.ts";
import { topMentions } from "../tweets/top_mentions.ts";
import { readStreams, type StreamStatus } from "./streams.ts";

/** Everything the dashboard shows. Null stands for a table that is not there yet. */
export interface DashboardFigures {
  /** The lake's version that all figures of tables belong to. */
  version: number;
  readAt: Date;
  /** Tweets of silver. */
  counters: { tweets: number; withMention: number; withoutMention: number } | null;
  /** The users with most tweets in bronze. */
  tweeters: BarRow[] | null;
  /** The people with most positive tweets in the application table. */
  positive: BarRow[] | null;
  /** The people with most negative tweets in the application table. */
  negative: BarRow[] | null;
  streams: StreamStatus[];
}

/** Bars of a chart. */
export const barLimit = 10;

/** Reads the figures of one version of a lake, which may go on being written meanwhile. */
export async function readFigures(lake: Lakehouse): Promise<DashboardFigures> {
  const connection = await lake.connect();
  try {
    const figures = await retryOnConflict("reading the dashboard's figures", async () => {
      // One transaction sees one version, so that the figures add up.
      await connection.run("BEGIN TRANSACTION");
      try {
        return await readTables(connection);
      } finally {
        await connection.run("ROLLBACK");
      }
    });
    return { ...figures, readAt: new Date(), streams: await readStreams(lake) };
  } finally {
    connection.close();
  }
}

async function readTables(
  connection: Connection,
): Promise<Omit<DashboardFigures, "readAt" | "streams">> {
  const reader = {
    sql: <R extends object = Row>(query: string, parameters?: Parameters) =>
      connection.rows(query, parameters) as Promise<R[]>,
  };
  const [{ version }] = await reader.sql("SELECT id AS version FROM lake.current_snapshot()");
  const tables = await reader.sql(
    `SELECT table_name AS name FROM duckdb_tables()
     WHERE database_name = 'lake' AND schema_name = 'main'`,
  );
  const isThere = (table: string) => tables.some(({ name }) => name === table);

  const [counters] = isThere("silver")
    ? await reader.sql<NonNullable<DashboardFigures["counters"]>>(
      `SELECT count(DISTINCT tweet_id) AS tweets,
         count(DISTINCT tweet_id) FILTER (WHERE mention IS NOT NULL) AS "withMention",
         count(DISTINCT tweet_id) FILTER (WHERE mention IS NULL) AS "withoutMention"
       FROM silver`,
    )
    : [null];
  const tweeters = isThere("bronze")
    ? await reader.sql<BarRow>(
      `SELECT "user" AS label, count(*) AS value FROM bronze WHERE "user" IS NOT NULL
       GROUP BY label ORDER BY value DESC, label LIMIT $limit`,
      { limit: barLimit },
    )
    : null;
  const mentions = (sentiment: "positive" | "negative") =>
    isThere("application") ? topMentions(reader, sentiment, barLimit) : null;
  const positive = await mentions("positive");
  const negative = await mentions("negative");
  return { version, counters, tweeters, positive, negative };
}
