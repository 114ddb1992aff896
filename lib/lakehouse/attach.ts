import { DuckDBInstance } from "@duckdb/node-api";
import { join } from "node:path";
import { BirdsongError } from "../errors.ts";
import { catalog as catalogTables } from "./catalog_tables.ts";
import { Connection } from "./connection.ts";
import { loadStatement } from "./extensions.ts";
import { isObjectStorage, type LakeLocation } from "./location.ts";
import { allowObjectStorage } from "./object_storage.ts";
import { retryOnConflict } from "./retry.ts";
import type { Row } from "./row.ts";
import { literal } from "./sql_text.ts";

// Inserts of at most so many rows stay in the catalog until `optimize`: a file for each would make
// every commit dearer, because the catalog is searched for all files of all tables.
const inlinedRows = 50;

/** How to open a lake. */
export interface AttachOptions {
  readOnly: boolean;
  /** See {@linkcode retryOnConflict}. */
  patience: number | undefined;
}

/** A DuckDB of this process with a lake attached as the database `lake`. */
export interface Engine {
  instance: DuckDBInstance;
  main: Connection;
}

/**
 * Starts a DuckDB and attaches a lake to it, which is made where there is none.
 *
 * @throws {BirdsongError} when the tables' files are elsewhere.
 */
export async function attach(location: LakeLocation, options: AttachOptions): Promise<Engine> {
  const instance = await DuckDBInstance.create(":memory:", {
    temp_directory: join(location.folder, "spill"),
  });
  let main: Connection | undefined;
  try {
    main = new Connection(await instance.connect());
    await attachTo(main, location, options);
    return { instance, main };
  } catch (error) {
    main?.close();
    instance.closeSync();
    throw error;
  }
}

async function attachTo(
  connection: Connection,
  { folder, catalog, catalogFile, dataPath }: LakeLocation,
  { readOnly, patience }: AttachOptions,
): Promise<void> {
  const { version } = await connection.row("SELECT version() AS version") as Row;
  const extensions = ["ducklake", catalogFile ? "sqlite_scanner" : "postgres_scanner"];
  if (isObjectStorage(dataPath)) extensions.push("httpfs");
  for (const extension of extensions) await connection.run(loadStatement(extension, version));
  if (isObjectStorage(dataPath)) await allowObjectStorage(connection, dataPath);
  await connection.run("SET GLOBAL TimeZone = 'UTC'");
  await connection.run(`SET GLOBAL ducklake_default_data_inlining_row_limit = ${inlinedRows}`);
  const options = [`DATA_PATH ${literal(dataPath)}`];
  if (readOnly) options.push("READ_ONLY");
  if (catalogFile) {
    // Scans on several threads read the catalog on connections of their own, outside the
    // transaction: while another process compacts a table, rows would be missed or seen twice.
    await connection.run("SET GLOBAL sqlite_disable_multithreaded_scans = true");
    // Readers and writers of several processes do not wait for each other in WAL mode.
    options.push("META_JOURNAL_MODE 'WAL'", "META_BUSY_TIMEOUT 5000");
    // The folder may have been moved since: paths in the catalog are relative to it.
    if (!isObjectStorage(dataPath)) options.push("OVERRIDE_DATA_PATH true");
  } else {
    // What DuckLake itself commits again, after another's commit, is not whole where it compacts: rows
    // were lost. `Lakehouse.commit` runs the transaction again from its beginning.
    await connection.run("SET GLOBAL ducklake_max_retry_count = 0");
  }
  const source = catalogFile ? catalog : limitWaiting(catalog);
  const statement = `ATTACH ${literal(`ducklake:${source}`)} AS lake (${options.join(", ")})`;
  await retryOnConflict(`opening ${folder}`, () => connection.run(statement), patience);
  await connection.run("USE lake");
  const stored = await connection.row(
    `SELECT value AS path FROM ${catalogTables}.ducklake_metadata WHERE key = 'data_path'`,
  );
  if (isObjectStorage(stored!.path) === isObjectStorage(dataPath)) return;
  throw new BirdsongError(
    `the files of this lake's tables are in ${stored!.path}, not in ${dataPath}: set the storage ` +
      "(BIRDSONG_STORAGE) to where they are",
  );
}

/**
 * PostgreSQL waits without an end for a lock that another transaction holds, such as that of a
 * process that was stopped while it committed: `retryOnConflict` shall see it, and give up some time.
 */
function limitWaiting(catalog: string): string {
  const options = "-c lock_timeout=5s";
  if (/\boptions\s*=/.test(catalog)) return catalog; // the user's own
  if (!catalog.includes("://")) return `${catalog} options='${options}'`;
  return `${catalog}${catalog.includes("?") ? "&" : "?"}options=${encodeURIComponent(options)}`;
}
