import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { median } from "../../lib/median.ts";
import type { Scorer } from "../../lib/sentiment/scorer.ts";
import { SparkSession } from "../../lib/spark/spark_session.ts";
import { listDataFiles } from "../../lib/streaming/sources/listing.ts";
import { writeTweetFiles } from "../../lib/tweets/sample/write_files.ts";
import { generateTweets } from "../../lib/tweets/sample/generate.ts";
import { startTier, tiers } from "../../lib/tweets/pipeline.ts";
import type { ScaleRun, TierFigures } from "./scale_report.ts";

/** Folders of tweets' files. */
export interface Sources {
  measured: string;
  /** What is run before anything is measured. */
  warmUp: string;
}

/** What is measured, and where. */
export interface ScaleOptions {
  address: string;
  workers: number;
  sources: Sources;
  scorer: Scorer;
  /** Batches of one tweet. */
  rounds: number;
}

/** What a tier's batches took, by Spark's progress records. */
interface Batches {
  rows: number;
  batches: number;
  seconds: number;
}

type Tier = typeof tiers[number];

/** Runs the pipeline on a cluster: to warm it up, then all tweets, then batches of one tweet. */
export async function measureScale(options: ScaleOptions): Promise<ScaleRun> {
  const { address, workers, sources, scorer, rounds } = options;
  const warmUp = await SparkSession.open(address, { database: "warm_up" });
  for (const tier of tiers) await runTier(warmUp, sources.warmUp, scorer, tier);
  await warmUp.close();

  const session = await SparkSession.open(address, { database: "scale" });
  const all = {} as Record<Tier, Batches>;
  const bytes = {} as Record<Tier, number>;
  for (const tier of tiers) {
    all[tier] = await runTier(session, sources.measured, scorer, tier);
    const [{ sizeInBytes }] = await session.sql(`DESCRIBE DETAIL ${tier}`);
    bytes[tier] = sizeInBytes;
    console.error(`  ${tier}: ${all[tier].seconds.toFixed(1)} s`);
  }
  const small = {} as Record<Tier, number[]>;
  for (let round = 0; round < rounds; round++) {
    await addTweet(sources.measured, round);
    for (const tier of tiers) {
      const { seconds } = await runTier(session, sources.measured, scorer, tier);
      (small[tier] ??= []).push(seconds);
    }
  }
  await session.close();
  const figures = (tier: Tier): TierFigures => ({
    tier,
    ...all[tier],
    smallBatchSeconds: median(small[tier]),
    bytes: bytes[tier],
  });
  return { workers, tiers: tiers.map(figures) };
}

async function runTier(
  session: SparkSession,
  source: string,
  scorer: Scorer,
  tier: Tier,
): Promise<Batches> {
  const query = await startTier[tier]({ session, source, scorer });
  await query.awaitTermination();
  const progress = query.recentProgress;
  const sum = (of: (record: typeof progress[number]) => number) =>
    progress.reduce((total, record) => total + of(record), 0);
  return {
    rows: sum(({ numInputRows }) => numInputRows),
    batches: progress.length,
    seconds: sum(({ batchDuration }) => batchDuration) / 1000,
  };
}

/** A file with one tweet appears in the source. */
async function addTweet(source: string, round: number): Promise<void> {
  // Beside the source: what is written there must not be read before it is whole.
  const folder = `${source}-small-${round}`;
  await writeTweetFiles({
    tweets: generateTweets({ count: 1, seed: round }),
    count: 1,
    folder,
    files: 1,
  });
  const [file] = listDataFiles(folder);
  copyFileSync(join(folder, file), join(source, `small-${round}.json`));
}
