import type { MlflowClient, ModelVersion } from "./client.ts";
import { request } from "./request.ts";

/**
 * Takes a model version out of the registry, and its run out of the experiment. The files that the
 * run has uploaded stay until `mlflow gc`.
 */
export async function withdrawVersion(
  client: MlflowClient,
  { name, version, runId }: Pick<ModelVersion, "name" | "version" | "runId">,
): Promise<void> {
  await request(client.uri, {
    path: "/api/2.0/mlflow/model-versions/delete",
    method: "DELETE",
    json: { name, version: String(version) },
  });
  await request(client.uri, {
    path: "/api/2.0/mlflow/runs/delete",
    method: "POST",
    json: { run_id: runId },
  });
}
