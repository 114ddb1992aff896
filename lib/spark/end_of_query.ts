import { BirdsongError } from "../errors.ts";
import { waitAtMost } from "../streaming/wait_at_most.ts";

/** How long `stop()` waits for a query's end, in milliseconds. */
export const stopTimeout = 60_000;

/**
 * Waits for the end of a query that has been told to stop.
 *
 * @throws {BirdsongError} where it has not ended in time, or what `ended` throws.
 */
export async function endOfQuery(
  ended: Promise<void>,
  { name, server, timeoutMs = stopTimeout }: { name: string; server: string; timeoutMs?: number },
): Promise<void> {
  let hasEnded = false;
  await waitAtMost(ended.then(() => void (hasEnded = true)), timeoutMs);
  if (hasEnded) return;
  throw new BirdsongError(
    `${name} was told to stop, but has not ended in ${timeoutMs / 1000} s: ${server} does not ` +
      "answer, or is busy. It may still run there; its next start goes on from what it has committed",
    { retriable: true, context: { query: name, server } },
  );
}
