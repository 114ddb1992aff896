import { setTimeout as sleep } from "node:timers/promises";
import { BirdsongError } from "../../errors.ts";
import { readRuns, requestStop } from "./running.ts";

const longestWait = 60_000;

/**
 * Stops the streams of a lake, in whatever process they run, and waits for their ends. What they
 * have committed stays; the batch in progress is planned anew in the next run.
 *
 * @param lake The lake's folder.
 * @param name One stream; without it, all.
 * @returns The names of the streams that ran.
 * @throws {BirdsongError} when a process does not stop its stream within a minute.
 */
export async function stopStreams(lake: string, name?: string): Promise<string[]> {
  const running = () => readRuns(lake).filter(({ state }) => state === "running");
  const asked = running().filter((run) => name === undefined || run.name === name);
  for (const run of asked) requestStop(lake, run);
  const ids = new Set(asked.map(({ runId }) => runId));
  const deadline = Date.now() + longestWait;
  for (;;) {
    const left = running().filter(({ runId }) => ids.has(runId));
    if (left.length === 0) return asked.map(({ name }) => name);
    if (Date.now() > deadline) {
      const [{ name, pid, host }] = left;
      throw new BirdsongError(
        `${name} in process ${pid} on ${host} does not stop: restart the kernel that runs it ` +
          "(nothing committed is lost), then try again.",
        { context: { query: name, pid } },
      );
    }
    await sleep(100);
  }
}
