import type { Settings } from "../settings.ts";
import { MlflowClient } from "./client.ts";
import { ensureMlflowServer } from "./server.ts";

/**
 * A client of the MLflow server that the settings name; the project's own is started if need be.
 *
 * @param onProgress Told what is happening when it takes long.
 * @param signal Ends the waiting.
 */
export async function openMlflow(
  settings: Pick<Settings, "mlflow" | "mlflowPort" | "mlflowUri">,
  onProgress?: (message: string) => void,
  signal?: AbortSignal,
): Promise<MlflowClient> {
  const server = await ensureMlflowServer({
    folder: settings.mlflow,
    port: settings.mlflowPort,
    uri: settings.mlflowUri,
    onProgress,
    signal,
  });
  return new MlflowClient(server.uri);
}
