import { setTimeout as sleep } from "node:timers/promises";
import { BirdsongError } from "../errors.ts";
import { requestStop, runningQueries } from "./running.ts";
import type { Session } from "./session.ts";

const longestWait = 60_000;

/**
 * Stops all streams of the session's lake, in whatever process they run, and waits for their ends.
 * What they have committed stays; the batch in progress is planned anew in the next run.
 *
 * @returns The names of the streams that ran.
 * @throws {BirdsongError} when another process does not stop its stream within a minute.
 */
export async function stopAllStreams(session: Session): Promise<string[]> {
  const { folder } = session.lake;
  const running = () => runningQueries(folder).filter((query) => query.state === "running");
  const names = running().map((query) => query.name);
  for (const query of running()) if (!query.here) requestStop(folder, query.name);
  await session.streams.stopAll();
  const deadline = Date.now() + longestWait;
  while (running().length > 0) {
    if (Date.now() > deadline) {
      const [query] = running();
      throw new BirdsongError(
        `${query.name} in process ${query.pid} on ${query.host} does not stop: restart the kernel ` +
          "that runs it (nothing committed is lost), then try again.",
        { context: { query: query.name, pid: query.pid } },
      );
    }
    await sleep(100);
  }
  return names;
}
