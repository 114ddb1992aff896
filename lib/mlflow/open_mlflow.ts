import type { Settings } from "../settings.ts";
import { MlflowClient } from "./client.ts";
import { ensureMlflowServer } from "./server.ts";

/** A client of the MLflow server that the settings name; the project's own is started if need be. */
export async function openMlflow(
  settings: Pick<Settings, "mlflow" | "mlflowPort" | "mlflowUri">,
  onProgress?: (message: string) => void,
): Promise<MlflowClient> {
  const server = await ensureMlflowServer({
    folder: settings.mlflow,
    port: settings.mlflowPort,
    uri: settings.mlflowUri,
    onProgress,
  });
  return new MlflowClient(server.uri);
}
