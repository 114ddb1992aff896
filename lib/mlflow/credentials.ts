import { Buffer } from "node:buffer";
import process from "node:process";

/**
 * The headers that tell a server who asks, from the variables that MLflow's own clients read:
 * `MLFLOW_TRACKING_USERNAME` with `MLFLOW_TRACKING_PASSWORD`, or else `MLFLOW_TRACKING_TOKEN`. No
 * setting of the project holds them, because settings are shown.
 */
export function credentials(): { authorization?: string } {
  const {
    MLFLOW_TRACKING_USERNAME: user,
    MLFLOW_TRACKING_PASSWORD: password,
    MLFLOW_TRACKING_TOKEN: token,
  } = process.env;
  if (user && password) {
    return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` };
  }
  return token ? { authorization: `Bearer ${token}` } : {};
}
