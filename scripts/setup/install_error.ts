import { BirdsongError } from "../../lib/errors.ts";
import type { Ended } from "./run.ts";

const unreachable =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|NewConnectionError|NameResolutionError|ConnectTimeoutError|ProxyError|Max retries exceeded|Connection refused|Could not resolve|Failed to establish a new connection|ConnectionResetError|Read timed out/;

/**
 * The error to throw after an installer (`npm ci`, `pip install`) failed: one sentence when it could
 * not reach its registry, else the end of what it printed.
 */
export function installError(installer: string, { output }: Ended): BirdsongError {
  if (unreachable.test(output)) {
    return new BirdsongError(
      `${installer} could not reach its package registry. Check the network connection (behind a ` +
        `proxy, set HTTPS_PROXY), then run the same command again.`,
      { retriable: true },
    );
  }
  const tail = output.trim().split("\n").slice(-15).join("\n");
  return new BirdsongError(`${installer} failed. The end of what it printed:\n${tail}`);
}
