import type { MlflowDataset, MlflowType } from "../mlflow/log_input.ts";
import type { Session } from "../streaming/session.ts";
import { goldAt } from "./confusion.ts";

/** MLflow's type of a column of DuckDB's type; what is not here is kept as text. */
const types: Record<string, MlflowType> = {
  BOOLEAN: "boolean",
  INTEGER: "integer",
  BIGINT: "long",
  FLOAT: "float",
  DOUBLE: "double",
  BLOB: "binary",
  DATE: "datetime",
  TIMESTAMP: "datetime",
  "TIMESTAMP WITH TIME ZONE": "datetime",
};

/**
 * A version of gold as a data set of MLflow. Its digest is the same for the same rows in any order,
 * in any lake.
 */
export async function goldDataset(session: Session, version: number): Promise<MlflowDataset> {
  const gold = goldAt(version);
  const columns = await session.sql<{ column_name: string; column_type: string }>(
    `SELECT column_name, column_type FROM (DESCRIBE FROM ${gold})`,
  );
  const [{ rows, tweets, digest }] = await session.sql<
    { rows: number; tweets: number; digest: string }
  >(
    // A sum, because rows have no order; rows that are there twice would cancel out in bit_xor.
    `SELECT count(*) AS rows, count(DISTINCT tweet_id) AS tweets,
       md5(coalesce(sum(md5_number_lower(gold::VARCHAR)), 0)::VARCHAR)[:8] AS digest
     FROM ${gold}`,
  );
  return {
    name: "gold",
    digest,
    sourceType: "local",
    source: { uri: session.lake.folder, table: "gold", version },
    columns: columns.map(({ column_name, column_type }) => ({
      name: column_name,
      type: types[column_type] ?? "string",
    })),
    profile: { num_rows: rows, num_elements: rows * columns.length, num_tweets: tweets },
    context: "evaluation",
  };
}
