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
  const asked = runningQueries(folder).filter(({ state }) => state === "running");
  // Those of this process, too: they may belong to another session, or be just about to start.
  for (const { name } of asked) requestStop(folder, name);
  await session.streams.stopAll();
  const ids = new Set(asked.map(({ runId }) => runId));
  const left = () =>
    runningQueries(folder).filter(({ state, runId }) => state === "running" && ids.has(runId));
  const deadline = Date.now() + longestWait;
  while (left().length > 0) {
    if (Date.now() > deadline) {
      const [query] = left();
      throw new BirdsongError(
        `${query.name} in process ${query.pid} on ${query.host} does not stop: restart the kernel ` +
          "that runs it (nothing committed is lost), then try again.",
        { context: { query: query.name, pid: query.pid } },
      );
    }
    await sleep(100);
  }
  return asked.map(({ name }) => name);
}
