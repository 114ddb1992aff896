import type { Fingerprint } from "../lakehouse/fingerprint.ts";
import type { TableVersion } from "../lakehouse/history.ts";
import type { OptimizeResult } from "../lakehouse/optimize.ts";
import { mapValue } from "./map_value.ts";
import type { SparkSession } from "./spark_session.ts";
import { sparkIdentifier } from "./sql.ts";

/** Delta's names for what a commit did, where the embedded engine has another one. */
const operations: Readonly<Record<string, TableVersion["operation"]>> = {
  "CREATE TABLE": "CREATE TABLE",
  "ADD COLUMNS": "ALTER TABLE",
  "SET TBLPROPERTIES": "ALTER TABLE",
  "STREAMING UPDATE": "APPEND",
  WRITE: "APPEND",
  MERGE: "MERGE",
  UPDATE: "MERGE",
  DELETE: "DELETE",
  OPTIMIZE: "OPTIMIZE",
  "VACUUM START": "OPTIMIZE",
  "VACUUM END": "OPTIMIZE",
};

/** Does something with one table, or with all Delta tables of the database, one after the other. */
export async function ofTables<T>(
  session: SparkSession,
  table: string | undefined,
  action: (session: SparkSession, table: string) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  for (const name of table === undefined ? await deltaTables(session) : [table]) {
    results.push(await action(session, name));
  }
  return results;
}

/** The names of the database's tables, without views and tables of other formats. */
async function deltaTables(session: SparkSession): Promise<string[]> {
  const all = await session.sql("SHOW TABLE EXTENDED LIKE '*'");
  return all.filter(({ isTemporary, information }) =>
    !isTemporary && /^Provider: delta$/im.test(information)
  ).map(({ tableName }) => tableName);
}

/**
 * The versions of a Delta table, newest first. Each table counts its own.
 *
 * @param queries Names of streams by their ids; Delta's history has the ids.
 */
export async function tableHistory(
  session: SparkSession,
  table: string,
  queries: ReadonlyMap<string, string> = new Map(),
): Promise<TableVersion[]> {
  const commits = await session.sql(`DESCRIBE HISTORY ${sparkIdentifier(table)}`);
  return commits.map(({ version, timestamp, operation, operationParameters }) => {
    const batch = mapValue(operationParameters, "epochId");
    return {
      version,
      timestamp,
      operation: operations[operation] ?? "ALTER TABLE",
      author: queries.get(mapValue(operationParameters, "queryId") ?? "") ?? null,
      message: batch === undefined ? operation.toLowerCase() : `batch ${batch}`,
    };
  });
}

/** DuckDB's names of Spark's types. */
const types: Readonly<Record<string, string>> = {
  string: "VARCHAR",
  int: "INTEGER",
  timestamp: "TIMESTAMP WITH TIME ZONE",
};

/** Columns, number of rows and digest of a version of a table. */
export async function tableFingerprint(
  session: SparkSession,
  table: string,
  version: number,
): Promise<Fingerprint> {
  const relation = session.asOf(table, version);
  const columns = await session.sql(`DESCRIBE QUERY SELECT * FROM ${relation}`);
  const [{ rows, digest }] = await session.sql<Pick<Fingerprint, "rows" | "digest">>(
    // A sum, because rows have no order; a decimal, because a BIGINT would overflow.
    `SELECT count(*) AS rows, left(md5(CAST(
       coalesce(sum(CAST(xxhash64(*) AS DECIMAL(20, 0))), 0) AS STRING)), 8) AS digest
     FROM ${relation}`,
  );
  return {
    columns: columns.map(({ col_name, data_type }) => ({
      name: col_name,
      type: types[data_type] ?? data_type.toUpperCase(),
    })),
    rows,
    digest,
  };
}

/** Makes few large files of a table's many small ones. */
export async function optimizeTable(
  session: SparkSession,
  table: string,
): Promise<OptimizeResult> {
  const storage = async () => {
    const [{ numFiles, sizeInBytes }] = await session.sql(
      `DESCRIBE DETAIL ${sparkIdentifier(table)}`,
    );
    return { files: numFiles, bytes: sizeInBytes };
  };
  const before = await storage();
  await session.sql(`OPTIMIZE ${sparkIdentifier(table)}`);
  return { table, before, after: await storage() };
}

/**
 * Deletes the files that only versions need which were replaced more than 7 days ago; Delta refuses
 * less. Returns how many.
 */
export async function vacuumTable(session: SparkSession, table: string): Promise<number> {
  await session.sql(`VACUUM ${sparkIdentifier(table)}`);
  const [{ operation, operationMetrics }] = await session.sql(
    `DESCRIBE HISTORY ${sparkIdentifier(table)} LIMIT 1`,
  );
  if (operation !== "VACUUM END") return 0;
  return Number(mapValue(operationMetrics, "numDeletedFiles") ?? 0);
}
