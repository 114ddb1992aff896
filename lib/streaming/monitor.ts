import { clearInterval, setInterval } from "node:timers";
import { setTimeout as sleep } from "node:timers/promises";
import type { StreamingQueryProgress } from "./progress.ts";
import type { EngineQuery } from "./engine.ts";

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
 * @param options.interval Milliseconds between two looks, at most 10 s; what is done with a reading
 *   meanwhile is part of them. @default 2000
 * @param options.arriving Ends when nothing more will arrive at the source.
 * @throws The error of a stream that has failed.
 */
export async function* monitorStreams(
  queries: readonly EngineQuery[],
  options: { interval?: number; arriving?: Promise<unknown> } = {},
): AsyncGenerator<StreamReading[]> {
  const interval = Math.min(10_000, options.interval ?? 2000);
  const watched = queries.map((query) => new Watched(query));
  let arriving = true;
  const arrived = Promise.resolve(options.arriving).finally(() => arriving = false);
  arrived.catch(() => {});
  // A query keeps its last hundred batches only; small ones may be more between two readings.
  const timer = setInterval(() => watched.forEach((stream) => stream.look()), 1000);
  try {
    let looked = performance.now();
    for (let last = false; !last;) {
      await sleep(Math.max(0, looked + interval - performance.now()));
      looked = performance.now();
      // Upstream first: what it had committed then, those that follow can see.
      last = !arriving && await allCaughtUp(queries);
      const timestamp = new Date();
      yield watched.map((stream) => stream.read(timestamp));
    }
  } finally {
    clearInterval(timer);
  }
  await arrived;
}

/** A stream with what it has done since the last reading. */
class Watched {
  #seen: number;
  #news: StreamingQueryProgress[] = [];
  #totalRows = 0;

  constructor(private readonly query: EngineQuery) {
    this.#seen = query.lastProgress?.batchId ?? -1;
  }

  look(): void {
    this.#news.push(...this.query.recentProgress.filter(({ batchId }) => batchId > this.#seen));
    this.#seen = this.#news.at(-1)?.batchId ?? this.#seen;
  }

  read(timestamp: Date): StreamReading {
    if (this.query.exception) throw this.query.exception;
    this.look();
    const news = this.#news;
    this.#news = [];
    const rows = sum(news, (progress) => progress.numInputRows);
    this.#totalRows += rows;
    return {
      timestamp,
      stream: this.query.name,
      batches: news.length,
      rows,
      totalRows: this.#totalRows,
      processingTime: news.length === 0
        ? null
        : Math.round(sum(news, (progress) => progress.batchDuration) / news.length),
    };
  }
}

async function allCaughtUp(queries: readonly EngineQuery[]): Promise<boolean> {
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
