import { BirdsongError } from "../errors.ts";
import { type Label, labels } from "../sentiment/sentiment.ts";
import type { EngineSession } from "../streaming/engine.ts";
import { requireTable } from "../tweets/require_table.ts";

/** What counts as one case: a tweet, or a row of gold (one per mention, as the course counts). */
export type Per = "tweet" | "row";

/** What to count. */
export interface ConfusionCountsOptions {
  per: Per;
  /** Version of gold to count. @default the newest */
  versionAsOf?: number;
}

/** How often which given sentiment met which prediction. */
export interface ConfusionCounts {
  /** The classes, in the order of the rows and columns of `counts`. */
  labels: Label[];
  /** `counts[i][j]`: cases of the given class i that were predicted as class j. */
  counts: number[][];
  /** Cases left out, because their tweet came without a sentiment to compare with. */
  notGiven: number;
}

/**
 * Counts the given against the predicted sentiment of gold.
 *
 * @throws {BirdsongError} when there is no gold yet, with the notebook to run first.
 */
export async function confusionCounts(
  session: EngineSession,
  options: ConfusionCountsOptions,
): Promise<ConfusionCounts> {
  const { per, versionAsOf } = options;
  if (per !== "tweet" && per !== "row") {
    throw new BirdsongError(`per must be "tweet" or "row", but is "${per}"`);
  }
  await requireTable(session, "gold");
  const gold = goldAt(session, versionAsOf);
  // All rows of a tweet have its one sentiment and one prediction: min() takes that.
  const cases = per === "row" ? gold : `(SELECT min(sentiment) AS sentiment,
    min(predicted_sentiment) AS predicted_sentiment FROM ${gold} GROUP BY tweet_id)`;
  const rows = await session.sql<{ given: Label | null; predicted: Label; cases: number }>(
    `SELECT sentiment AS given, predicted_sentiment AS predicted, count(*) AS cases
     FROM ${cases} GROUP BY ALL`,
  );
  const counts = labels.map(() => labels.map(() => 0));
  let notGiven = 0;
  for (const { given, predicted, cases } of rows) {
    if (given === null) notGiven += cases;
    else counts[labels.indexOf(given)][labels.indexOf(predicted)] = cases;
  }
  return { labels: [...labels], counts, notGiven };
}

/** The gold table as of a version, as a relation. */
export function goldAt(session: Pick<EngineSession, "asOf">, version: number | undefined): string {
  if (version === undefined) return "gold";
  if (!Number.isSafeInteger(version) || version < 0) {
    throw new BirdsongError(
      `the version of gold must be a whole number of at least 0, but is ${version}`,
    );
  }
  return session.asOf("gold", version);
}
