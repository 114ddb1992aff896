import type { EngineSession } from "../streaming/engine.ts";
import { requireTable } from "../tweets/require_table.ts";
import { type Calibration, calibrationOf } from "./calibration.ts";
import { goldAt } from "./confusion.ts";

/**
 * The calibration of gold's predictions, each tweet once; tweets without a given sentiment are left
 * out.
 *
 * @param options.versionAsOf Version of gold. @default the newest
 * @throws {BirdsongError} when there is no gold yet, with the notebook to run first.
 */
export async function goldCalibration(
  session: EngineSession,
  options: { versionAsOf?: number } = {},
): Promise<Calibration> {
  await requireTable(session, "gold");
  const rows = await session.sql<{ probability: number; correct: boolean }>(
    // All rows of a tweet have its one sentiment and one prediction.
    `SELECT min(predicted_score) / 100 AS probability,
       min(sentiment) = min(predicted_sentiment) AS correct
     FROM ${goldAt(session, options.versionAsOf)} WHERE sentiment IS NOT NULL GROUP BY tweet_id`,
  );
  return calibrationOf(rows);
}
