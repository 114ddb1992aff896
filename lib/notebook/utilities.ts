import { readFileSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { BirdsongError } from "../errors.ts";
import { readProgress } from "../streaming/checkpoint.ts";
import { dataFilePath, listDataFiles } from "../streaming/listing.ts";
import { runningQueries } from "../streaming/running.ts";
import type { Session } from "../streaming/session.ts";

/** The files of a source, by name, with their sizes. */
export function listSource(source: string): { file: string; bytes: number }[] {
  return listDataFiles(source).map((file) => ({
    file,
    bytes: statSync(dataFilePath(source, file)).size,
  }));
}

/**
 * The text of one file of a source.
 *
 * @param file Its name as {@linkcode listSource} gives it.
 */
export function readSourceFile(source: string, file: string): string {
  return readFileSync(dataFilePath(source, file), "utf8");
}

/** A stream that runs, as a row to show. */
export interface ActiveStream {
  stream: string;
  state: "running" | "dead";
  process: number;
  /** Whether this kernel runs it. */
  here: boolean;
  since: string;
  /** The last committed batch; null before the first. */
  batch: number | null;
  rows: number | null;
}

/** The streams that run on the session's lake, in whatever kernel, with their last batch. */
export async function activeStreams(session: Session): Promise<ActiveStream[]> {
  const running = runningQueries(session.lake.folder);
  const rows: ActiveStream[] = [];
  for (const { name, state, pid, here, startedAt } of running) {
    const last = (await readProgress(session.lake, name)).at(-1);
    rows.push({
      stream: name,
      state,
      process: pid,
      here,
      since: startedAt,
      batch: last?.batchId ?? null,
      rows: last?.numInputRows ?? null,
    });
  }
  return rows;
}

/**
 * Waits until a stream runs, in whatever kernel, and has committed a batch.
 *
 * @param timeout Milliseconds to wait at most. @default 60000
 * @throws {BirdsongError} when it has not by then.
 */
export async function untilStreamIsReady(
  session: Session,
  name: string,
  timeout = 60_000,
): Promise<void> {
  const deadline = Date.now() + timeout;
  while (Date.now() < deadline) {
    const stream = (await activeStreams(session)).find((active) => active.stream === name);
    if (stream?.state === "running" && stream.batch !== null) return;
    await sleep(200);
  }
  throw new BirdsongError(
    `${name} has not committed a batch within ${timeout / 1000} s: is it started, and is there ` +
      "anything for it to read?",
    { context: { query: name } },
  );
}
