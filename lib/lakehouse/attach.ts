import { DuckDBInstance } from "@duckdb/node-api";
import { join } from "node:path";
import { Connection } from "./connection.ts";
import { extensions, loadStatement } from "./extensions.ts";
import { retryOnConflict } from "./retry.ts";
import type { Row } from "./row.ts";
import { literal } from "./sql_text.ts";

/** Where a lake is, and how to open it. */
export interface AttachOptions {
  /** The lake's folder. */
  folder: string;
  /** The catalog's file. */
  catalog: string;
  /** Folder of the tables' files. */
  dataPath: string;
  readOnly: boolean;
  /** See {@linkcode retryOnConflict}. */
  patience: number | undefined;
}

/** A DuckDB of this process with a lake attached as the database `lake`. */
export interface Engine {
  instance: DuckDBInstance;
  main: Connection;
}

/** Starts a DuckDB and attaches a lake to it, which is made where there is none. */
export async function attach(options: AttachOptions): Promise<Engine> {
  const instance = await DuckDBInstance.create(":memory:", {
    temp_directory: join(options.folder, "spill"),
  });
  let main: Connection | undefined;
  try {
    main = new Connection(await instance.connect());
    await attachTo(main, options);
    return { instance, main };
  } catch (error) {
    main?.close();
    instance.closeSync();
    throw error;
  }
}

async function attachTo(
  connection: Connection,
  { folder, catalog, dataPath, readOnly, patience }: AttachOptions,
): Promise<void> {
  const { version } = await connection.row("SELECT version() AS version") as Row;
  for (const extension of extensions) await connection.run(loadStatement(extension, version));
  await connection.run("SET GLOBAL TimeZone = 'UTC'");
  // Scans on several threads read the catalog on connections of their own, outside the
  // transaction: while another process compacts a table, rows would be missed or seen twice.
  await connection.run("SET GLOBAL sqlite_disable_multithreaded_scans = true");
  await retryOnConflict(`opening ${folder}`, () =>
    connection.run(
      `ATTACH ${literal(`ducklake:sqlite:${catalog}`)} AS lake (` +
        // The folder may have been moved since: paths in the catalog are relative to it.
        `DATA_PATH ${literal(dataPath)}, OVERRIDE_DATA_PATH true, ` +
        // Readers and writers of several processes do not wait for each other in WAL mode.
        "META_JOURNAL_MODE 'WAL', META_BUSY_TIMEOUT 5000" +
        (readOnly ? ", READ_ONLY" : "") + ")",
    ), patience);
  await connection.run("USE lake");
}
