import { DuckDBInstance } from "@duckdb/node-api";
import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { BirdsongError, messageOf } from "../errors.ts";
import { Connection, type Parameters } from "./connection.ts";
import { extensions, loadStatement } from "./extensions.ts";
import { Mutex } from "./mutex.ts";
import { retryOnConflict } from "./retry.ts";
import type { Row } from "./row.ts";
import { columnList, identifier, literal, type Schema } from "./sql_text.ts";
import { atVersion, type TimeTravelOptions } from "./time_travel.ts";

/** How to open a lake. */
export interface LakehouseOptions {
  /** Only read: the folder must hold a lake already. @default false */
  readOnly?: boolean;
  /** For how long a commit that meets other writers is tried, in milliseconds. @default 60000 */
  patience?: number;
}

/** What is said of a commit in the table history. */
export interface CommitInfo {
  /** Who committed: the name of a stream, or of an operation. */
  author: string;
  message: string;
  /** Facts for programs, kept as JSON. */
  extra?: Record<string, unknown>;
}

/**
 * A DuckLake: tables of Parquet files in a folder with a catalog in SQLite, ACID over all tables,
 * every commit a version that can be read again. Several processes may have it open at once.
 *
 * See https://ducklake.select for the format.
 */
export class Lakehouse {
  // Commits of one process queue here instead of fighting for SQLite's lock.
  readonly #commits = new Mutex();

  private constructor(
    /** The lake's folder, absolute. */
    readonly folder: string,
    private readonly instance: DuckDBInstance,
    private readonly main: Connection,
    private readonly patience: number | undefined,
  ) {}

  /** Folder of the tables' files. */
  get dataPath(): string {
    return join(this.folder, "data");
  }

  /** The catalog's file in the lake's folder. */
  static catalogFile(folder: string): string {
    return join(folder, "catalog.sqlite");
  }

  /**
   * Opens the lake of a folder, and makes both where there is none.
   *
   * @throws {BirdsongError} when `readOnly` and there is no lake, or when it cannot be opened.
   */
  static async open(folder: string, options: LakehouseOptions = {}): Promise<Lakehouse> {
    folder = resolve(folder);
    const catalog = Lakehouse.catalogFile(folder);
    if (options.readOnly && !existsSync(catalog)) {
      throw new BirdsongError(
        `no lake in ${folder}: run the notebooks or \`deno task pipeline\` first, or name its folder`,
        { context: { folder } },
      );
    }
    try {
      if (!options.readOnly) mkdirSync(folder, { recursive: true });
      const instance = await DuckDBInstance.create(":memory:", {
        temp_directory: join(folder, "spill"),
      });
      const main = new Connection(await instance.connect());
      const { version } = await main.row("SELECT version() AS version") as Row;
      for (const extension of extensions) await main.run(loadStatement(extension, version));
      await main.run("SET GLOBAL TimeZone = 'UTC'");
      // Scans on several threads read the catalog on connections of their own, outside the
      // transaction: while another process compacts a table, rows would be missed or seen twice.
      await main.run("SET GLOBAL sqlite_disable_multithreaded_scans = true");
      await retryOnConflict(`opening ${folder}`, () =>
        main.run(
          `ATTACH ${literal(`ducklake:sqlite:${catalog}`)} AS lake (` +
            // The folder may have been moved since: paths in the catalog are relative to it.
            `DATA_PATH ${literal(join(folder, "data"))}, OVERRIDE_DATA_PATH true, ` +
            // Readers and writers of several processes do not wait for each other in WAL mode.
            "META_JOURNAL_MODE 'WAL', META_BUSY_TIMEOUT 5000" +
            (options.readOnly ? ", READ_ONLY" : "") + ")",
        ), options.patience);
      await main.run("USE lake");
      return new Lakehouse(folder, instance, main, options.patience);
    } catch (error) {
      if (error instanceof BirdsongError) throw error;
      throw new BirdsongError(`cannot open the lake in ${folder}: ${messageOf(error)}`, {
        cause: error,
        context: { folder },
      });
    }
  }

  /** A connection of one's own, for transactions and temporary tables. */
  async connect(): Promise<Connection> {
    const connection = new Connection(await this.instance.connect());
    await connection.run("USE lake");
    return connection;
  }

  /**
   * Runs SQL and reads its rows. Tables are called by their names; an earlier version is
   * `bronze AT (VERSION => 7)`. The type of the rows is the caller's word: nothing checks it.
   */
  sql<R extends object = Row>(query: string, parameters?: Parameters): Promise<R[]> {
    return this.main.rows(query, parameters) as Promise<R[]>;
  }

  /**
   * All rows of a table, or of an earlier version of it.
   *
   * @throws {BirdsongError} when there was no such version or table, or `vacuum` has removed it.
   */
  async table(name: string, options: TimeTravelOptions = {}): Promise<Row[]> {
    return await this.sql(`FROM ${identifier(name)}${await atVersion(this, name, options)}`);
  }

  /** Whether there is a table of this name. */
  async tableExists(name: string): Promise<boolean> {
    return (await this.tableSchema(name)) !== undefined;
  }

  /** A table's columns and types; undefined where there is no such table. */
  async tableSchema(name: string): Promise<Schema | undefined> {
    const columns = await this.sql(
      "SELECT column_name, data_type FROM duckdb_columns() " +
        "WHERE database_name = 'lake' AND schema_name = 'main' AND table_name = $name " +
        "ORDER BY column_index",
      { name },
    );
    if (columns.length === 0) return undefined;
    return Object.fromEntries(columns.map((column) => [column.column_name, column.data_type]));
  }

  /** Makes a table where there is none of this name. */
  async createTable(name: string, schema: Schema): Promise<void> {
    if (await this.tableExists(name)) return;
    // Not on the main connection, where a query of someone else would be part of the transaction.
    const connection = await this.connect();
    try {
      await this.create(connection, `create table ${name}`, async (connection) => {
        await connection.run(
          `CREATE TABLE IF NOT EXISTS ${identifier(name)} (${columnList(schema)})`,
        );
      });
    } finally {
      connection.close();
    }
  }

  /** Commits statements that make tables or drop them: CREATE ... IF NOT EXISTS. */
  async create(
    connection: Connection,
    message: string,
    action: (connection: Connection) => Promise<void>,
  ): Promise<void> {
    await this.commit(connection, { author: "birdsong", message }, action);
  }

  /** Number of rows in a table. */
  async count(name: string): Promise<number> {
    const row = await this.main.row(`SELECT count(*) AS n FROM ${identifier(name)}`);
    return row!.n;
  }

  /** The lake's newest version: the number of its last commit. */
  async currentVersion(): Promise<number> {
    return (await this.main.row("SELECT id FROM lake.current_snapshot()"))!.id;
  }

  /**
   * Runs `action` as one transaction: all of it is committed, or nothing. Where another process
   * has changed the same tables first, it is rolled back and run again on what that one has left,
   * so `action` must not change anything outside the lake.
   *
   * @throws The error of `action` or of the commit, after a rollback.
   */
  commit<T>(
    connection: Connection,
    info: CommitInfo,
    action: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    return this.#commits.run(() =>
      retryOnConflict(`${info.author}: ${info.message}`, async () => {
        await connection.run("BEGIN TRANSACTION");
        try {
          const result = await action(connection);
          await connection.run(
            "CALL lake.set_commit_message($author, $message, extra_info => $extra)",
            {
              author: info.author,
              message: info.message,
              extra: JSON.stringify(info.extra ?? {}),
            },
          );
          await connection.run("COMMIT");
          return result;
        } catch (error) {
          // After a failed COMMIT there is no transaction left to roll back.
          await connection.run("ROLLBACK").catch(() => {});
          throw error;
        }
      }, this.patience)
    );
  }

  /** Closes the lake. What was not committed is gone. */
  close(): void {
    this.main.close();
    this.instance.closeSync();
  }
}
