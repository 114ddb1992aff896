import { BirdsongError, messageOf } from "../errors.ts";
import { request } from "./request.ts";
import type { MlflowServer } from "./server.ts";

/**
 * The MLflow server that someone else runs at this address.
 *
 * @throws {BirdsongError} if it cannot be reached, or lets nobody in.
 */
export async function externalServer(uri: string, signal?: AbortSignal): Promise<MlflowServer> {
  const address = uri.replace(/\/+$/, "");
  try {
    await request(address, { path: "/health", signal });
  } catch (cause) {
    signal?.throwIfAborted();
    throw new BirdsongError(
      `cannot use what MLFLOW_TRACKING_URI names: ${messageOf(cause)}. Without ` +
        `MLFLOW_TRACKING_URI, the project starts a server of its own.`,
      { cause, retriable: true, context: { setting: "MLFLOW_TRACKING_URI", uri: address } },
    );
  }
  return { uri: address, folder: null, pid: null, started: false };
}
