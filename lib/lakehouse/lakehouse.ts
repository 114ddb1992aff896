import { existsSync, mkdirSync } from "node:fs";
import { BirdsongError, messageOf } from "../errors.ts";
import { Connection, type Parameters } from "./connection.ts";
import { attach, type Engine } from "./attach.ts";
import { checkCatalogIsThere, explainCatalogError } from "./catalog_error.ts";
import { explainError } from "./explain_error.ts";
import { type LakeLocation, locateLake, type LocationOptions, noteLocation } from "./location.ts";
import { Mutex } from "./mutex.ts";
import { retryOnConflict } from "./retry.ts";
import type { Row } from "./row.ts";
import { columnList, identifier, type Schema } from "./sql_text.ts";
import { explainStorageError } from "./storage_error.ts";
import { atVersion, type TimeTravelOptions } from "./time_travel.ts";
import { type CommitInfo, runTransaction } from "./transaction.ts";

/** How to open a lake. */
export interface LakehouseOptions extends LocationOptions {
  /** Only read: the folder must hold a lake already. @default false */
  readOnly?: boolean;
  /** For how long a commit that meets other writers is tried, in milliseconds. @default 60000 */
  patience?: number;
}

/**
 * A DuckLake: tables of Parquet files with a catalog in a database, ACID over all tables, every
 * commit a version that can be read again. Several processes may have it open at once.
 *
 * See https://ducklake.select for the format.
 */
export class Lakehouse {
  // Commits of one process queue here instead of fighting for the catalog's lock.
  readonly #commits = new Mutex();

  private constructor(
    private readonly location: LakeLocation,
    private readonly engine: Engine,
    private readonly patience: number | undefined,
  ) {}

  /** The lake's folder, absolute. */
  get folder(): string {
    return this.location.folder;
  }

  /** Where the tables' files are: a folder, or `s3://bucket/prefix`. */
  get dataPath(): string {
    return this.location.dataPath;
  }

  /**
   * Opens the lake of a folder, and makes both where there is none.
   *
   * @throws {BirdsongError} when `readOnly` and there is no lake, or when it cannot be opened.
   */
  static async open(folder: string, options: LakehouseOptions = {}): Promise<Lakehouse> {
    const { readOnly = false, patience } = options;
    const location = locateLake(folder, options);
    folder = location.folder;
    if (readOnly && location.catalogFile && !existsSync(location.catalogFile)) {
      throw new BirdsongError(
        `no lake in ${folder}: run the notebooks or \`deno task pipeline\` first, or name its folder`,
        { context: { folder } },
      );
    }
    try {
      if (!readOnly) mkdirSync(folder, { recursive: true });
      checkCatalogIsThere(location);
      const engine = await attach(location, { readOnly, patience });
      if (!readOnly) noteLocation(location);
      return new Lakehouse(location, engine, patience);
    } catch (error) {
      if (error instanceof BirdsongError) throw error;
      const reason = explainStorageError(error, folder) ?? explainCatalogError(error, location);
      throw new BirdsongError(`cannot open the lake in ${folder}: ${messageOf(reason ?? error)}`, {
        cause: error,
        context: { folder },
      });
    }
  }

  /**
   * A connection of one's own, for transactions and temporary tables.
   *
   * @throws {BirdsongError} when the lake's disk or catalog does not let it.
   */
  async connect(): Promise<Connection> {
    const connection = new Connection(await this.engine.instance.connect());
    try {
      await connection.run("USE lake");
      return connection;
    } catch (error) {
      connection.close();
      throw await this.explain(error) ?? error;
    }
  }

  /**
   * Runs SQL and reads its rows. Tables are called by their names; an earlier version is
   * `bronze AT (VERSION => 7)`. The type of the rows is the caller's word: nothing checks it.
   */
  async sql<R extends object = Row>(query: string, parameters?: Parameters): Promise<R[]> {
    try {
      return await this.engine.main.rows(query, parameters) as R[];
    } catch (error) {
      throw await this.explain(error) ?? error;
    }
  }

  /**
   * Says what to do about an error that comes from the lake's disk, catalog or files.
   *
   * @param what What was being done, for the beginning of the message.
   * @returns undefined where the error has another reason.
   */
  async explain(error: unknown, what?: string): Promise<BirdsongError | undefined> {
    const connect = async () => new Connection(await this.engine.instance.connect());
    const reason = await explainError(error, this.location, connect);
    if (!reason || !what) return reason;
    const { context } = reason;
    return new BirdsongError(`${what}: ${reason.message}`, { cause: error, context });
  }

  /**
   * All rows of a table, or of an earlier version of it.
   *
   * @throws {BirdsongError} when there was no such version or table, or `vacuum` has removed it.
   */
  async table(name: string, options: TimeTravelOptions = {}): Promise<Row[]> {
    return await this.sql(`FROM ${identifier(name)}${await atVersion(this, name, options)}`);
  }

  /** Whether there is a table of this name, in the tables' schema or another one of the lake's. */
  async tableExists(name: string, schema = "main"): Promise<boolean> {
    return (await this.tableSchema(name, schema)) !== undefined;
  }

  /** A table's columns and types; undefined where there is no such table. */
  async tableSchema(name: string, schema = "main"): Promise<Schema | undefined> {
    const columns = await this.sql(
      "SELECT column_name, data_type FROM duckdb_columns() " +
        "WHERE database_name = 'lake' AND schema_name = $schema AND table_name = $name " +
        "ORDER BY column_index",
      { name, schema },
    );
    if (columns.length === 0) return undefined;
    return Object.fromEntries(columns.map((column) => [column.column_name, column.data_type]));
  }

  /** Makes a table where there is none of this name. */
  async createTable(name: string, schema: Schema): Promise<void> {
    if (await this.tableExists(name)) return;
    const info = { author: "birdsong", message: `create table ${name}` };
    await this.transaction(
      info,
      (connection) =>
        connection.run(`CREATE TABLE IF NOT EXISTS ${identifier(name)} (${columnList(schema)})`),
    );
  }

  /** Number of rows in a table, or in an earlier version of it. */
  async count(name: string, options: TimeTravelOptions = {}): Promise<number> {
    const version = await atVersion(this, name, options);
    const row = await this.engine.main.row(
      `SELECT count(*) AS n FROM ${identifier(name)}${version}`,
    );
    return row!.n;
  }

  /** The lake's newest version: the number of its last commit. */
  async currentVersion(): Promise<number> {
    return (await this.engine.main.row("SELECT id FROM lake.current_snapshot()"))!.id;
  }

  /**
   * Runs `action` as one transaction: all of it is committed, or nothing. Where another process
   * has changed the same tables first, it is rolled back and run again on what that one has left,
   * so `action` must not change anything outside the lake.
   *
   * @throws {BirdsongError} when the lake's disk, catalog or files do not let it.
   * @throws The error of `action`, after a rollback.
   */
  async commit<T>(
    connection: Connection,
    info: CommitInfo,
    action: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    const what = `${info.author}: ${info.message}`;
    try {
      return await this.#commits.run(() =>
        retryOnConflict(what, () => runTransaction(connection, info, action), this.patience)
      );
    } catch (error) {
      throw await this.explain(error, what) ?? error;
    }
  }

  /**
   * Commits what `action` does on a connection of its own; see {@linkcode commit}. Not on the lake's
   * main one, where a query of someone else would be part of the transaction.
   */
  async transaction<T>(
    info: CommitInfo,
    action: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    const connection = await this.connect();
    try {
      return await this.commit(connection, info, action);
    } finally {
      connection.close();
    }
  }

  /** Closes the lake. What was not committed is gone. */
  close(): void {
    this.engine.main.close();
    this.engine.instance.closeSync();
  }
}
