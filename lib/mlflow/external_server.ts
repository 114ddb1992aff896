import { BirdsongError } from "../errors.ts";
import { request } from "./request.ts";
import type { MlflowServer } from "./server.ts";

/**
 * The MLflow server that someone else runs at this address.
 *
 * @throws {BirdsongError} if it cannot be reached.
 */
export async function externalServer(uri: string, signal?: AbortSignal): Promise<MlflowServer> {
  const address = uri.replace(/\/+$/, "");
  try {
    await request(address, { path: "/health", signal });
  } catch (cause) {
    signal?.throwIfAborted();
    throw new BirdsongError(
      `there is no MLflow server at ${address}, which MLFLOW_TRACKING_URI names: start it, or ` +
        `unset MLFLOW_TRACKING_URI to use the project's own.`,
      { cause, retriable: true, context: { setting: "MLFLOW_TRACKING_URI", uri: address } },
    );
  }
  return { uri: address, folder: null, pid: null, started: false };
}
