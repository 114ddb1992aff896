import { setTimeout as sleep } from "node:timers/promises";
import type { StreamingQueryProgress } from "./progress.ts";
import type { StreamingQuery } from "./streaming_query.ts";

/** What a stream has done since the last look at it. */
export interface StreamReading {
  timestamp: Date;
  stream: string;
  /** Batches committed since the last reading. */
  batches: number;
  /** Rows read since the last reading. */
  rows: number;
  /** Rows read since the monitor began. */
  totalRows: number;
  /** Mean time of the batches since the last reading, in milliseconds; null where there was none. */
  processingTime: number | null;
}

/**
 * Looks at streams at intervals, until everything that has arrived is processed: nothing new is at
 * the source, and every stream has reached the last version of the table it reads.
 *
 * @param queries Running streams, each before those that read its table.
 * @param options.interval Milliseconds between two looks, at most 10 s. @default 2000
 * @param options.arriving Ends when nothing more will arrive at the source.
 * @throws The error of a stream that has failed.
 */
export async function* monitorStreams(
  queries: readonly StreamingQuery[],
  options: { interval?: number; arriving?: Promise<unknown> } = {},
): AsyncGenerator<StreamReading[]> {
  const interval = Math.min(10_000, options.interval ?? 2000);
  const totals = new Map<string, number>();
  const seen = new Map(queries.map((query) => [query.name, query.lastProgress?.batchId ?? -1]));
  let arriving = true;
  const arrived = Promise.resolve(options.arriving).finally(() => arriving = false);
  arrived.catch(() => {});
  for (let last = false; !last;) {
    await sleep(interval);
    // Upstream first: what it had committed then, those that follow can see.
    last = !arriving && await allCaughtUp(queries);
    const timestamp = new Date();
    yield queries.map((query) => {
      if (query.exception) throw query.exception;
      const news = query.recentProgress.filter(({ batchId }) => batchId > seen.get(query.name)!);
      seen.set(query.name, query.lastProgress?.batchId ?? -1);
      const rows = sum(news, (progress) => progress.numInputRows);
      const totalRows = (totals.get(query.name) ?? 0) + rows;
      totals.set(query.name, totalRows);
      const processingTime = news.length === 0
        ? null
        : Math.round(sum(news, (progress) => progress.batchDuration) / news.length);
      const batches = news.length;
      return { timestamp, stream: query.name, batches, rows, totalRows, processingTime };
    });
  }
  await arrived;
}

async function allCaughtUp(queries: readonly StreamingQuery[]): Promise<boolean> {
  for (const query of queries) {
    if (query.isActive && await query.isDataAvailable()) return false;
  }
  return true;
}

function sum(
  batches: readonly StreamingQueryProgress[],
  figure: (progress: StreamingQueryProgress) => number,
): number {
  return batches.reduce((total, progress) => total + figure(progress), 0);
}
