import type { TableVersion } from "../lakehouse/history.ts";
import type { OptimizeResult } from "../lakehouse/optimize.ts";
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

/** The versions of a Delta table, newest first. Each table counts its own. */
export async function tableHistory(session: SparkSession, table: string): Promise<TableVersion[]> {
  const commits = await session.sql(`DESCRIBE HISTORY ${sparkIdentifier(table)}`);
  return commits.map(({ version, timestamp, operation, operationParameters }) => {
    const parameters: { key: string; value: string }[] = operationParameters ?? [];
    const batch = parameters.find(({ key }) => key === "epochId")?.value;
    return {
      version,
      timestamp,
      operation: operations[operation] ?? "ALTER TABLE",
      author: null,
      message: batch === undefined ? operation.toLowerCase() : `batch ${batch}`,
    };
  });
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
 * less.
 */
export async function vacuumTable(session: SparkSession, table: string): Promise<void> {
  await session.sql(`VACUUM ${sparkIdentifier(table)}`);
}
