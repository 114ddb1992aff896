import { BirdsongError } from "../errors.ts";
import type { TableVersion } from "../lakehouse/history.ts";
import type { OptimizeResult } from "../lakehouse/optimize.ts";
import type { Row } from "../lakehouse/row.ts";
import { checkTimeTravel, type TimeTravelOptions } from "../lakehouse/time_travel.ts";
import type { EngineSession } from "../streaming/engine.ts";
import { projectRoot } from "../paths.ts";
import type { CallOptions, SparkClient } from "./client/spark_client.ts";
import { bindParameters, sparkIdentifier, sparkLiteral } from "./sql.ts";
import { SparkStreamReader } from "./stream_reader.ts";
import { SparkQueryManager } from "./query_manager.ts";
import { optimizeTable, tableHistory, vacuumTable } from "./tables.ts";

/** Options of {@linkcode SparkSession.open}. */
export interface SparkSessionOptions {
  /** The tables' database, made where there is none. @default "default" */
  database?: string;
  /** Where this project is on the executors. @default where it is here */
  executorProject?: string;
}

/**
 * The same words on a Spark cluster with Delta Lake: `sql`, `table`, `readStream`, `streams`. Streams
 * are Structured Streaming queries, whose state and progress are Spark's.
 */
export class SparkSession implements EngineSession {
  /** The queries that this session has started. */
  readonly streams = new SparkQueryManager();

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
      const { database = "default", executorProject = projectRoot } = options;
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

  /** The versions of a table, newest first: `DESCRIBE HISTORY`. */
  history(table: string): Promise<TableVersion[]> {
    return tableHistory(this, table);
  }

  /** Makes few large files of a table's many small ones: `OPTIMIZE`. */
  optimize(table: string): Promise<OptimizeResult> {
    return optimizeTable(this, table);
  }

  /** Deletes files that no version of the last 7 days needs: `VACUUM`. */
  vacuum(table: string): Promise<void> {
    return vacuumTable(this, table);
  }

  /** Stops the session's queries and ends it. */
  async close(): Promise<void> {
    try {
      await this.streams.stopAll();
    } finally {
      await this.client.close();
    }
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
