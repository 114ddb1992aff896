import type { MlflowClient } from "./client.ts";
import { request } from "./request.ts";

/** Takes a version out of the registry: `MlflowClient.delete_model_version` of Python. */
export async function deleteModelVersion(
  client: MlflowClient,
  name: string,
  version: number,
): Promise<void> {
  await request(client.uri, {
    path: "/api/2.0/mlflow/model-versions/delete",
    method: "DELETE",
    json: { name, version: String(version) },
  });
}

/**
 * Takes a run out of its experiment: `MlflowClient.delete_run` of Python. Its files stay until
 * `mlflow gc`.
 */
export async function deleteRun(client: MlflowClient, runId: string): Promise<void> {
  await request(client.uri, {
    path: "/api/2.0/mlflow/runs/delete",
    method: "POST",
    json: { run_id: runId },
  });
}
