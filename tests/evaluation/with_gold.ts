import { join } from "node:path";
import { Session } from "../../lib/streaming/session.ts";
import { silver } from "../../lib/tweets/silver.ts";
import { commitSql, withFolder } from "../lakehouse/with_lake.ts";

const goldSchema = {
  ...silver.schema,
  predicted_score: "DOUBLE",
  predicted_sentiment: "VARCHAR",
  sentiment_id: "INTEGER",
  predicted_sentiment_id: "INTEGER",
};

/** A row of gold: tweet, mention, given and predicted sentiment. */
export type GoldRow = [
  tweet: string,
  mention: string | null,
  given: string | null,
  predicted: string,
];

/** Runs a test on a lake of its own, with empty tables silver and gold. */
export async function withGold(
  test: (session: Session, folder: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const session = await Session.open(join(folder, "lake"));
    try {
      await session.lake.createTable("silver", silver.schema);
      await session.lake.createTable("gold", goldSchema);
      await test(session, folder);
    } finally {
      await session.close();
    }
  });
}

/** Commits rows to gold. */
export async function insertGold(session: Session, rows: GoldRow[]): Promise<void> {
  const quoted = (text: string | null) =>
    text === null ? "NULL" : `'${text.replaceAll("'", "''")}'`;
  const values = rows.map(([tweet, mention, given, predicted]) =>
    `(${[tweet, mention, given, predicted].map(quoted).join(", ")}, now(), 'text', 'text', 90.5)`
  );
  await commitSql(
    session.lake,
    `INSERT INTO gold (tweet_id, mention, sentiment, predicted_sentiment, timestamp, "text",
       cleaned_text, predicted_score) VALUES ${values.join(", ")}`,
  );
}
