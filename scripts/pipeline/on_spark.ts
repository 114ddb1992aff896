import process from "node:process";
import { BirdsongError } from "../../lib/errors.ts";
import { toJson } from "../../lib/lakehouse/row.ts";
import { findModel } from "../../lib/sentiment/find_model.ts";
import { openScorer } from "../../lib/sentiment/open_scorer.ts";
import type { Scorer } from "../../lib/sentiment/scorer.ts";
import type { Settings } from "../../lib/settings.ts";
import { SparkSession } from "../../lib/spark/spark_session.ts";
import type { EngineQuery } from "../../lib/streaming/engine.ts";
import { startTier, tiers } from "../../lib/tweets/pipeline.ts";
import { formatTable } from "../table.ts";

/** Runs the pipeline on a Spark cluster, each tier to its end, and prints what it did. */
export async function runOnSpark(settings: Settings, json: boolean): Promise<void> {
  const session = await SparkSession.open(settings.engine, { database: settings.sparkDatabase });
  let scorer: Scorer | undefined;
  let interrupted: Error | undefined;
  process.once("SIGINT", () => {
    interrupted = new BirdsongError(
      "interrupted; what was committed stays, and the next run goes on from there",
    );
    // What cannot be stopped ends with its own error.
    session.streams.stopAll(interrupted).catch(() => {});
  });
  try {
    const { folder, name } = await findModel(settings, console.error);
    // It says what the model is; the executors load it themselves.
    scorer = await openScorer({ model: folder, name, provider: "cpu", workers: 1 });
    const streams = [];
    for (const tier of tiers) {
      if (interrupted) throw interrupted;
      const start = performance.now();
      const query = await startTier[tier]({ ...settings, session, scorer });
      // While it started, there was nothing to stop yet.
      if (interrupted) await query.stop(interrupted);
      await query.awaitTermination();
      streams.push(summaryOf(query, Math.round(performance.now() - start) / 1000));
    }
    if (json) console.log(toJson({ streams }));
    else {
      const rows = streams.map((row) => Object.values(row));
      console.log(formatTable(Object.keys(streams[0]), rows));
    }
  } finally {
    await scorer?.close();
    await session.close();
  }
}

function summaryOf({ name, recentProgress }: EngineQuery, seconds: number) {
  const sum = (figures: number[]) => String(figures.reduce((total, figure) => total + figure, 0));
  return {
    stream: name,
    batches: String(recentProgress.length),
    "rows in": sum(recentProgress.map(({ numInputRows }) => numInputRows)),
    "rows out": sum(recentProgress.map(({ sink }) => sink.numOutputRows)),
    seconds: String(seconds),
  };
}
