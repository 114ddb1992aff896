import type { MlflowClient } from "./client.ts";
import { request } from "./request.ts";

/** A data set that a run has used. */
export interface MlflowDataset {
  name: string;
  /** Fingerprint of its content, up to 36 characters: together with the name, its identity. */
  digest: string;
  /** A folder or file, whose `uri` the run's page shows, with facts about it. */
  source: { uri: string } & Record<string, string | number>;
  /** Columns with MLflow's types, in order. */
  columns: { name: string; type: MlflowType }[];
  /** Figures about it, such as the number of rows. */
  profile: Record<string, number>;
  /** What it was used for, such as `training` or `evaluation`. */
  context: string;
}

/** MLflow's names of a column's type. */
export type MlflowType =
  | "boolean"
  | "integer"
  | "long"
  | "float"
  | "double"
  | "string"
  | "binary"
  | "datetime";

/** Says which data set a run has used: `mlflow.log_input` of Python. */
export async function logInput(
  client: MlflowClient,
  runId: string,
  dataset: MlflowDataset,
): Promise<void> {
  const columns = dataset.columns.map((column) => ({ ...column, required: false }));
  await request(client.uri, {
    path: "/api/2.0/mlflow/runs/log-inputs",
    method: "POST",
    json: {
      run_id: runId,
      datasets: [{
        tags: [{ key: "mlflow.data.context", value: dataset.context }],
        dataset: {
          name: dataset.name,
          digest: dataset.digest,
          source_type: "local",
          source: JSON.stringify(dataset.source),
          schema: JSON.stringify({ mlflow_colspec: columns }),
          profile: JSON.stringify(dataset.profile),
        },
      }],
    },
  });
}
