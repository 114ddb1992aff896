import type { MlflowClient } from "./client.ts";
import { request } from "./request.ts";

/** The version of MLflow that the server runs, such as `3.17.2`. */
export async function serverVersion(client: MlflowClient): Promise<string> {
  const body = await request(client.uri, { path: "/version" });
  return new TextDecoder().decode(body).trim();
}
