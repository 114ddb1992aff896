import { Lakehouse, type LakehouseOptions } from "../lakehouse/lakehouse.ts";
import type { Parameters } from "../lakehouse/connection.ts";
import type { Row } from "../lakehouse/row.ts";
import type { TimeTravelOptions } from "../lakehouse/time_travel.ts";
import { type Clock, systemClock } from "./triggers/clock.ts";
import { DataStreamReader } from "./data_stream_reader.ts";
import { StreamingQueryManager } from "./streams.ts";

/** How to open a session. */
export interface SessionOptions extends LakehouseOptions {
  /** What tells the streams the time. @default systemClock */
  clock?: Clock;
}

/**
 * The way into a lake and its streams, with the words of a SparkSession: `sql`, `table`,
 * `readStream`, `streams`.
 */
export class Session {
  /** The queries that run in this process. */
  readonly streams: StreamingQueryManager;

  private constructor(readonly lake: Lakehouse, clock: Clock) {
    this.streams = new StreamingQueryManager(lake, clock);
  }

  /** Opens the lake of a folder; see {@linkcode Lakehouse.open}. */
  static async open(folder: string, options: SessionOptions = {}): Promise<Session> {
    return new Session(await Lakehouse.open(folder, options), options.clock ?? systemClock);
  }

  /** Begins a stream. */
  get readStream(): DataStreamReader {
    return new DataStreamReader(this.lake, this.streams);
  }

  /**
   * Runs SQL and reads its rows.
   *
   * @example
   * await session.sql<BarRow>("SELECT mention AS label, total AS value FROM application");
   */
  sql<R extends object = Row>(query: string, parameters?: Parameters): Promise<R[]> {
    return this.lake.sql(query, parameters);
  }

  /** All rows of a table, or of an earlier version of it; see {@linkcode Lakehouse.table}. */
  table(name: string, options?: TimeTravelOptions): Promise<Row[]> {
    return this.lake.table(name, options);
  }

  /** Stops the session's queries and closes the lake. */
  async close(): Promise<void> {
    await this.streams.stopAll();
    this.lake.close();
  }
}
