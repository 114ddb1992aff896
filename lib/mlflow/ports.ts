import { createServer } from "node:net";
import { BirdsongError } from "../errors.ts";

const firstPort = 5000;
const lastPort = 5099;

/**
 * The port for a server that is about to start: the given one, or else the one it had last time,
 * 5000, or the next free one, in this order.
 *
 * @throws {BirdsongError} if a given port is taken.
 */
export async function choosePort(given: number | null, last: number | null): Promise<number> {
  if (given !== null) {
    if (await isFree(given)) return given;
    throw portTaken(given);
  }
  if (last !== null && await isFree(last)) return last;
  for (let port = firstPort; port <= lastPort; port++) {
    if (await isFree(port)) return port;
  }
  throw new BirdsongError(
    `cannot start MLflow: the ports ${firstPort} to ${lastPort} of 127.0.0.1 are all taken. ` +
      `Set BIRDSONG_MLFLOW_PORT to a free one.`,
    { retriable: true, context: { setting: "BIRDSONG_MLFLOW_PORT" } },
  );
}

/** What to say when a port that the person chose is in use. */
export function portTaken(port: number): BirdsongError {
  return new BirdsongError(
    `cannot start MLflow: port ${port} of 127.0.0.1 is taken by another program. Set ` +
      `BIRDSONG_MLFLOW_PORT to a free port, or unset it to have one chosen.`,
    { retriable: true, context: { setting: "BIRDSONG_MLFLOW_PORT", port } },
  );
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      probe.close(() => resolve(true));
    });
  });
}
