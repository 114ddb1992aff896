import { BirdsongError } from "../errors.ts";
import type { Fingerprint } from "../lakehouse/fingerprint.ts";
import type { TableVersion } from "../lakehouse/history.ts";
import type { OptimizeResult } from "../lakehouse/optimize.ts";
import type { Row } from "../lakehouse/row.ts";
import { checkTimeTravel, type TimeTravelOptions } from "../lakehouse/time_travel.ts";
import type {
  EngineDescription,
  EngineSession,
  TableOrigin,
  VacuumSummary,
} from "../streaming/engine.ts";
import type { StreamInfo } from "../streaming/processes/list_streams.ts";
import type { StreamingQueryProgress } from "../streaming/progress.ts";
import { projectRoot } from "../paths.ts";
import { parseConnectionString } from "./client/connection_string.ts";
import type { CallOptions, SparkClient } from "./client/spark_client.ts";
import { bindParameters, sparkIdentifier, sparkLiteral } from "./sql.ts";
import { originOf } from "./origin.ts";
import { clearPreviousRun } from "./clear.ts";
import { describeSpark } from "./describe.ts";
import { listStreams } from "./list_streams.ts";
import { ProgressLog } from "./progress_log.ts";
import { SparkQueryManager } from "./query_manager.ts";
import { SparkStreamReader } from "./stream_reader.ts";
import { ofTables, optimizeTable, tableFingerprint, tableHistory, vacuumTable } from "./tables.ts";

/** Options of {@linkcode SparkSession.open}. */
export interface SparkSessionOptions {
  /** The tables' database, made where there is none. @default "birdsong" */
  database?: string;
  /** Where this project is on the executors. @default where it is here */
  executorProject?: string;
}

/**
 * The same words on a Spark cluster with Delta Lake: `sql`, `table`, `readStream`, `streams`. Streams
 * are Structured Streaming queries, whose state and progress are Spark's.
 */
export class SparkSession implements EngineSession {
  readonly #progress = new ProgressLog(this);
  readonly #warnings = new Set<string>();
  /** The queries that this session has started. */
  readonly streams = new SparkQueryManager(this.#progress);

  private constructor(
    private readonly address: string,
    readonly client: SparkClient,
    private readonly options: Required<SparkSessionOptions>,
    /** Folder or URI of the current database, which all of the cluster reach. */
    readonly location: string,
  ) {}

  /**
   * Opens a session.
   *
   * @param address `sc://host:15002`, with token and TLS where the server wants them.
   * @throws {BirdsongError} where no server answers.
   */
  static async open(address: string, options: SparkSessionOptions = {}): Promise<SparkSession> {
    // Only here: gRPC and Arrow cost every other notebook nothing.
    const { SparkClient } = await import("./client/spark_client.ts");
    const client = await SparkClient.connect(address);
    try {
      await client.setConfig({
        // What SQL of both engines relies on.
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.ansi.enabled": "true",
        "spark.sql.ansi.doubleQuotedIdentifiers": "true",
        "spark.sql.parser.escapedStringLiterals": "false",
        // Else, Spark would put the server's environment in the place of ${env:...}, in literals, too.
        "spark.sql.variable.substitute": "false",
        // Of a query that has fallen behind, the records of all batches are wanted.
        "spark.sql.streaming.numRecentProgressUpdates": "1000",
      });
      const { database = "birdsong", executorProject = projectRoot } = options;
      await client.sql(`CREATE DATABASE IF NOT EXISTS ${sparkIdentifier(database)}`);
      await client.sql(`USE ${sparkIdentifier(database)}`);
      const facts = await client.sql(`DESCRIBE DATABASE ${sparkIdentifier(database)}`);
      const location = facts.find(({ info_name }) => info_name === "Location")?.info_value;
      if (!location) {
        throw new BirdsongError(
          `${client.server} does not say where the database ${database} is, which checkpoints are ` +
            "kept in: give it a location",
          { context: { database } },
        );
      }
      return new SparkSession(address, client, { database, executorProject }, location);
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  /** The host of the server. */
  get host(): string {
    return parseConnectionString(this.address).host;
  }

  /** Where this project is on the executors. */
  get executorProject(): string {
    return this.options.executorProject;
  }

  /** Another session on the same server, with configuration and temporary views of its own. */
  another(): Promise<SparkSession> {
    return SparkSession.open(this.address, this.options);
  }

  /** Begins a stream. */
  get readStream(): SparkStreamReader {
    return new SparkStreamReader(this);
  }

  /** Runs SQL and reads its rows; `$name` stands for a parameter, `"name"` for a column. */
  async sql<R extends object = Row>(
    query: string,
    parameters?: Readonly<Record<string, unknown>>,
    options?: CallOptions,
  ): Promise<R[]> {
    return await this.client.sql(bindParameters(query, parameters), options) as R[];
  }

  /** All rows of a table, or of an earlier version of it. */
  async table(name: string, options: TimeTravelOptions = {}): Promise<Row[]> {
    return await this.sql(`SELECT * FROM ${sparkIdentifier(name)}${asOf(options)}`);
  }

  /** Whether there is a table of this name. */
  async tableExists(name: string): Promise<boolean> {
    const found = await this.sql(`SHOW TABLES LIKE ${sparkLiteral(name)}`);
    return found.some(({ tableName, isTemporary }) => tableName === name && !isTemporary);
  }

  /** Number of rows in a table, or in an earlier version of it. */
  async count(name: string, options: TimeTravelOptions = {}): Promise<number> {
    const [{ rows }] = await this.sql(
      `SELECT count(*) AS rows FROM ${sparkIdentifier(name)}${asOf(options)}`,
    );
    return rows;
  }

  /** SQL of a table as it was in a version, for a FROM clause: `gold VERSION AS OF 7`. */
  asOf(table: string, version: number): string {
    return sparkIdentifier(table) + asOf({ versionAsOf: version });
  }

  /** The versions of a table, newest first: `DESCRIBE HISTORY`. Each table counts its own. */
  async history(table: string): Promise<TableVersion[]> {
    const progress = await this.#readProgress();
    const names = new Map(progress.map(({ id, name }) => [id, name]));
    return await tableHistory(this, table, names);
  }

  /** The version in which a table's rows changed last: not by `optimize`, which only moves them. */
  async tableVersion(table: string): Promise<number> {
    const versions = await tableHistory(this, table);
    return (versions.find(({ operation }) => operation !== "OPTIMIZE") ?? versions[0]).version;
  }

  /** Columns, number of rows and digest of a version of a table. */
  fingerprint(table: string, version: number): Promise<Fingerprint> {
    return tableFingerprint(this, table, version);
  }

  /** The batches that made a table up to a version, and the version of their source. */
  originOf(table: string, version: number): Promise<TableOrigin> {
    return originOf(this, table, version);
  }

  /** Makes few large files of many small ones: of one table, or of the database's. `OPTIMIZE`. */
  optimize(table?: string): Promise<OptimizeResult[]> {
    return ofTables(this, table, optimizeTable);
  }

  /** Deletes files that no version of the last 7 days needs, of one table or the database's: `VACUUM`. */
  async vacuum(table?: string): Promise<VacuumSummary> {
    const deleted = await ofTables(this, table, vacuumTable);
    const deletedFiles = deleted.reduce((sum, files) => sum + files, 0);
    return { deletedFiles, forgottenVersions: null };
  }

  /** A stream's progress records of all runs, oldest first; see {@linkcode ProgressLog}. */
  readProgress(query: string): Promise<StreamingQueryProgress[]> {
    return this.#readProgress(query);
  }

  /** This session's streams that run or have failed; Connect does not tell of other sessions'. */
  listStreams(): Promise<StreamInfo[]> {
    return listStreams(this);
  }

  /** Stops this session's streams; returns their names. */
  async stopAllStreams(): Promise<string[]> {
    const names = this.streams.active.map(({ name }) => name);
    await this.streams.stopAll();
    return names;
  }

  /**
   * Drops tables, with their streams' checkpoints, and the record of progress. The tables' ids are
   * part of the checkpoints' names, so that the next run starts from the first file.
   *
   * @throws {BirdsongError} while streams of this session run.
   */
  clearPreviousRun(tables: readonly string[]): Promise<void> {
    return clearPreviousRun(this, tables);
  }

  /** What runs the streams, and with what. */
  describe(): Promise<EngineDescription> {
    return describeSpark(this);
  }

  /** Says once what is otherwise on Spark. */
  warnOnce(sentence: string): void {
    if (this.#warnings.has(sentence)) return;
    this.#warnings.add(sentence);
    console.warn(sentence);
  }

  /** Stops the session's queries and ends it. */
  async close(): Promise<void> {
    try {
      await this.streams.close();
    } finally {
      await this.client.close();
    }
  }

  async #readProgress(query?: string): Promise<StreamingQueryProgress[]> {
    // What this session has seen and not written down yet belongs to it.
    await this.streams.flush();
    return await this.#progress.read(query);
  }
}

function asOf(options: TimeTravelOptions): string {
  checkTimeTravel(options);
  const { versionAsOf, timestampAsOf } = options;
  if (versionAsOf !== undefined) return ` VERSION AS OF ${versionAsOf}`;
  if (timestampAsOf === undefined) return "";
  const text = timestampAsOf instanceof Date ? timestampAsOf.toISOString() : timestampAsOf;
  return ` TIMESTAMP AS OF ${sparkLiteral(text)}`;
}
