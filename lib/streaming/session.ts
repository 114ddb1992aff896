import { type Fingerprint, fingerprint } from "../lakehouse/fingerprint.ts";
import { history, type TableVersion, tableVersion } from "../lakehouse/history.ts";
import { Lakehouse, type LakehouseOptions } from "../lakehouse/lakehouse.ts";
import type { Parameters } from "../lakehouse/connection.ts";
import { optimize, type OptimizeResult } from "../lakehouse/optimize.ts";
import type { Row } from "../lakehouse/row.ts";
import { identifier } from "../lakehouse/sql_text.ts";
import { checkTimeTravel, type TimeTravelOptions } from "../lakehouse/time_travel.ts";
import { vacuum } from "../lakehouse/vacuum.ts";
import { describeMachine } from "../machine.ts";
import { type Clock, systemClock } from "./triggers/clock.ts";
import { readProgress } from "./checkpoint.ts";
import { DataStreamReader } from "./data_stream_reader.ts";
import type { EngineDescription, EngineSession, TableOrigin, VacuumSummary } from "./engine.ts";
import { originOf } from "./origin.ts";
import { clearPreviousRun } from "./processes/clear.ts";
import { listStreams, type StreamInfo } from "./processes/list_streams.ts";
import { stopStreams } from "./processes/stop_streams.ts";
import type { StreamingQueryProgress } from "./progress.ts";
import { StreamingQueryManager } from "./streaming_query_manager.ts";

/** How to open a session. */
export interface SessionOptions extends LakehouseOptions {
  /** What tells the streams the time. @default systemClock */
  clock?: Clock;
}

/**
 * The way into a lake and its streams, with the words of a SparkSession: `sql`, `table`,
 * `readStream`, `streams`; and with those of Delta's tables, such as `history` and `optimize`.
 */
export class Session implements EngineSession {
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

  /** The lake's folder. */
  get location(): string {
    return this.lake.folder;
  }

  /** What runs the streams, and with what. */
  async describe(): Promise<EngineDescription> {
    const [{ version, threads, memory }] = await this.sql(
      `SELECT version() AS version, current_setting('threads') AS threads,
         current_setting('memory_limit') AS memory`,
    );
    return {
      engine: `DuckDB ${version}`,
      tables: this.lake.dataPath,
      threads,
      cores: describeMachine().cores,
      memory,
    };
  }

  /** Whether there is a table of this name. */
  tableExists(name: string): Promise<boolean> {
    return this.lake.tableExists(name);
  }

  /** Number of rows in a table, or in an earlier version of it. */
  count(name: string, options?: TimeTravelOptions): Promise<number> {
    return this.lake.count(name, options);
  }

  /** SQL of a table as it was in a version, for a FROM clause: `gold AT (VERSION => 7)`. */
  asOf(table: string, version: number): string {
    checkTimeTravel({ versionAsOf: version });
    return `${identifier(table)} AT (VERSION => ${version})`;
  }

  /** The versions of a table, newest first; see {@linkcode history}. */
  history(table: string): Promise<TableVersion[]> {
    return history(this.lake, table);
  }

  /** The version in which a table's rows changed last; see {@linkcode tableVersion}. */
  tableVersion(table: string): Promise<number> {
    return tableVersion(this.lake, table);
  }

  /** Columns, number of rows and digest of a version of a table. */
  fingerprint(table: string, version: number): Promise<Fingerprint> {
    return fingerprint(this.lake, table, version);
  }

  /** The batches that made a table up to a version, and what they read. */
  originOf(table: string, version: number): Promise<TableOrigin> {
    return originOf(this.lake, `${table}_stream`, version);
  }

  /** Makes few large files of many small ones: of one table, or of all; see {@linkcode optimize}. */
  optimize(table?: string): Promise<OptimizeResult[]> {
    return optimize(this.lake, table);
  }

  /** Forgets versions that were replaced 7 days ago or earlier; see {@linkcode vacuum}. */
  async vacuum(): Promise<VacuumSummary> {
    const { snapshots, oldFiles, orphanedFiles } = await vacuum(this.lake);
    return { deletedFiles: oldFiles + orphanedFiles, forgottenVersions: snapshots };
  }

  /** A stream's progress records of all runs, oldest first; see {@linkcode readProgress}. */
  readProgress(query: string): Promise<StreamingQueryProgress[]> {
    return readProgress(this.lake, query);
  }

  /** The lake's streams that run, failed or died, in whatever process; see {@linkcode listStreams}. */
  listStreams(): Promise<StreamInfo[]> {
    return listStreams(this.lake);
  }

  /** Stops the lake's streams, in whatever process; returns their names. See {@linkcode stopStreams}. */
  async stopAllStreams(): Promise<string[]> {
    // Those of this session need not wait until they look for the request.
    const [stopped] = await Promise.all([stopStreams(this.lake.folder), this.streams.stopAll()]);
    return stopped;
  }

  /** Drops tables and all checkpoints; see {@linkcode clearPreviousRun}. */
  clearPreviousRun(tables: readonly string[]): Promise<void> {
    return clearPreviousRun(this, tables);
  }

  /** Stops the session's queries and closes the lake. */
  async close(): Promise<void> {
    await this.streams.stopAll();
    this.lake.close();
  }
}
