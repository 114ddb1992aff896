import type { BarRow } from "../charts/bar.ts";
import type { Connection, Parameters } from "../lakehouse/connection.ts";
import type { Lakehouse } from "../lakehouse/lakehouse.ts";
import { retryOnConflict } from "../lakehouse/retry.ts";
import type { Row } from "../lakehouse/row.ts";
import type { EngineSession } from "../streaming/engine.ts";
import { topMentions } from "../tweets/top_mentions.ts";
import { readSessionStreams, readStreams, type StreamStatus } from "./streams.ts";

/** Everything the dashboard shows. Null stands for a table that is not there yet. */
export interface DashboardFigures {
  /** The lake's version that all figures of tables belong to; null where each table counts its own. */
  version: number | null;
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
        return await readLake(connection);
      } finally {
        await connection.run("ROLLBACK");
      }
    });
    return { ...figures, readAt: new Date(), streams: await readStreams(lake) };
  } finally {
    connection.close();
  }
}

/** Reads the figures through a session on Spark, where each table is at its own newest version. */
export async function readSessionFigures(session: EngineSession): Promise<DashboardFigures> {
  const figures = await readTables(session);
  return {
    ...figures,
    version: null,
    readAt: new Date(),
    streams: await readSessionStreams(session),
  };
}

async function readLake(
  connection: Connection,
): Promise<Omit<DashboardFigures, "readAt" | "streams">> {
  const sql = <R extends object = Row>(query: string, parameters?: Parameters) =>
    connection.rows(query, parameters) as Promise<R[]>;
  const [{ version }] = await sql("SELECT id AS version FROM lake.current_snapshot()");
  const tables = await sql(
    `SELECT table_name AS name FROM duckdb_tables()
     WHERE database_name = 'lake' AND schema_name = 'main'`,
  );
  const tableExists = (table: string) => Promise.resolve(tables.some(({ name }) => name === table));
  return { ...await readTables({ sql, tableExists }), version };
}

async function readTables(
  reader: Pick<EngineSession, "sql" | "tableExists">,
): Promise<Omit<DashboardFigures, "version" | "readAt" | "streams">> {
  const [counters] = await reader.tableExists("silver")
    ? await reader.sql<NonNullable<DashboardFigures["counters"]>>(
      `SELECT count(DISTINCT tweet_id) AS tweets,
         count(DISTINCT tweet_id) FILTER (WHERE mention IS NOT NULL) AS "withMention",
         count(DISTINCT tweet_id) FILTER (WHERE mention IS NULL) AS "withoutMention"
       FROM silver`,
    )
    : [null];
  const tweeters = await reader.tableExists("bronze")
    ? await reader.sql<BarRow>(
      `SELECT "user" AS label, count(*) AS value FROM bronze WHERE "user" IS NOT NULL
       GROUP BY label ORDER BY value DESC, label LIMIT $limit`,
      { limit: barLimit },
    )
    : null;
  const mentions = async (sentiment: "positive" | "negative") =>
    await reader.tableExists("application") ? topMentions(reader, sentiment, barLimit) : null;
  const positive = await mentions("positive");
  const negative = await mentions("negative");
  return { counters, tweeters, positive, negative };
}
