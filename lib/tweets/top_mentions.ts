import type { Session } from "../streaming/session.ts";

/**
 * The people with most tweets of a predicted sentiment, most first: rows for a bar chart.
 *
 * @param limit How many people. @default 20
 */
export function topMentions(
  session: Pick<Session, "sql">,
  sentiment: "negative" | "neutral" | "positive",
  limit = 20,
): Promise<{ label: string; value: number }[]> {
  return session.sql(
    `SELECT mention AS label, ${sentiment} AS value FROM application
     WHERE ${sentiment} > 0 ORDER BY value DESC, mention LIMIT $limit`,
    { limit },
  );
}
