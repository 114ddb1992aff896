import { DuckDBInstance } from "@duckdb/node-api";
import { join } from "node:path";
import { Connection } from "../../lib/lakehouse/connection.ts";
import { literal } from "../../lib/lakehouse/sql_text.ts";
import type { Session } from "../../lib/streaming/session.ts";
import { keptCondition, type MicroBatch, type Transform } from "../../lib/streaming/transform.ts";
import type { Bench } from "./context.ts";

/** A DuckDB without lake, streams and checkpoints: what a plain script would use. */
export class BareDuckDB {
  private constructor(
    private readonly instance: DuckDBInstance,
    readonly connection: Connection,
  ) {}

  /** @param file The database's file. @default none, in memory */
  static async open(file = ":memory:"): Promise<BareDuckDB> {
    const instance = await DuckDBInstance.create(file);
    const connection = new Connection(await instance.connect());
    await connection.run("SET TimeZone = 'UTC'");
    return new BareDuckDB(instance, connection);
  }

  close(): void {
    this.connection.close();
    this.instance.closeSync();
  }
}

/** Writes a table's rows to a Parquet file; returns its path. */
export async function exportTable(bench: Bench, session: Session, table: string): Promise<string> {
  const file = join(bench.folder, `${table}.parquet`);
  await session.sql(`COPY (FROM ${table}) TO ${literal(file)} (FORMAT parquet)`);
  return file;
}

/**
 * A transform's SQL, without the rows that it sets aside.
 *
 * @param relation What it reads, for use in SQL as it is.
 */
export async function bareSql(transform: Transform, relation: string): Promise<string> {
  const rows = `(SELECT * FROM ${relation} WHERE ${keptCondition(transform) ?? "true"})`;
  return await transform.apply({ relation: rows } as MicroBatch);
}
