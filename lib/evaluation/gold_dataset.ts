import type { MlflowDataset, MlflowType } from "../mlflow/log_input.ts";
import type { EngineSession } from "../streaming/engine.ts";
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
 * wherever the same engine keeps them.
 */
export async function goldDataset(
  session: EngineSession,
  version: number,
): Promise<MlflowDataset> {
  const { columns, rows, digest } = await session.fingerprint("gold", version);
  const [{ tweets }] = await session.sql<{ tweets: number }>(
    `SELECT count(DISTINCT tweet_id) AS tweets FROM ${goldAt(session, version)}`,
  );
  return {
    name: "gold",
    digest,
    source: { uri: session.location, table: "gold", version },
    columns: columns.map(({ name, type }) => ({ name, type: types[type] ?? "string" })),
    profile: { num_rows: rows, num_elements: rows * columns.length, num_tweets: tweets },
    context: "evaluation",
  };
}
