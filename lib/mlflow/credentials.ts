import { Buffer } from "node:buffer";
import process from "node:process";
import { tokenOf } from "../token.ts";

/**
 * The headers that tell a server who asks, from the variables that MLflow's own clients read:
 * `MLFLOW_TRACKING_USERNAME` with `MLFLOW_TRACKING_PASSWORD`, or else `MLFLOW_TRACKING_TOKEN`. No
 * setting of the project holds them, because settings are shown.
 *
 * @throws {BirdsongError} when the token cannot be one.
 */
export function credentials(): { authorization?: string } {
  const { MLFLOW_TRACKING_USERNAME: user, MLFLOW_TRACKING_PASSWORD: password } = process.env;
  if (user && password) {
    return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` };
  }
  const token = tokenOf("MLFLOW_TRACKING_TOKEN");
  return token ? { authorization: `Bearer ${token}` } : {};
}
