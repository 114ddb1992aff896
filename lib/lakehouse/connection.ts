import { type DuckDBConnection, type DuckDBValue } from "@duckdb/node-api";
import { type Row, toRow } from "./row.ts";

/** What a statement's `$name` parameters may hold. */
export type Parameters = Record<string, DuckDBValue>;

/**
 * One connection to the lake. Transactions and temporary tables belong to a connection, so every
 * stream has its own.
 */
export class Connection {
  constructor(
    /** The DuckDB connection underneath, for what this class leaves out. */
    readonly duckdb: DuckDBConnection,
  ) {}

  /** Runs a statement; returns how many rows it changed. */
  async run(sql: string, parameters?: Parameters): Promise<number> {
    return (await this.duckdb.run(sql, parameters)).rowsChanged;
  }

  /** Runs a query and reads all its rows. */
  async rows(sql: string, parameters?: Parameters): Promise<Row[]> {
    const reader = await this.duckdb.runAndReadAll(sql, parameters);
    return reader.getRowObjectsJS().map(toRow);
  }

  /** Runs a query and reads its first row; undefined when there is none. */
  async row(sql: string, parameters?: Parameters): Promise<Row | undefined> {
    return (await this.rows(sql, parameters))[0];
  }

  /** The names of a query's columns; none of its rows is read. */
  async columns(sql: string): Promise<string[]> {
    return (await this.duckdb.run(`SELECT * FROM (${sql}) LIMIT 0`)).columnNames();
  }

  /** Gives the connection back; its temporary tables go with it. */
  close(): void {
    this.duckdb.closeSync();
  }
}
