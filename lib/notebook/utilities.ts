import { statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { BirdsongError } from "../errors.ts";
import type { StreamInfo } from "../streaming/processes/list_streams.ts";
import { dataFilePath, listDataFiles } from "../streaming/sources/listing.ts";
import { readDataFile } from "../streaming/sources/read_data_file.ts";
import type { EngineSession } from "../streaming/engine.ts";
import { interruptible } from "./interrupt.ts";

/** The files of a source, by name, with their sizes. */
export function listSource(source: string): { file: string; bytes: number }[] {
  return listDataFiles(source).flatMap((file) => {
    const stats = statSync(dataFilePath(source, file), { throwIfNoEntry: false });
    // It may have vanished since it was listed, or be a folder whose name ends like a file's.
    return stats?.isFile() ? [{ file, bytes: stats.size }] : [];
  });
}

/**
 * The text of one file of a source, unpacked where its name ends in `.gz`.
 *
 * @param file Its name as {@linkcode listSource} gives it.
 * @throws {BirdsongError} when there is no such file.
 */
export function readSourceFile(source: string, file: string): string {
  const found = readDataFile(dataFilePath(source, file));
  if (found) return found.text;
  throw new BirdsongError(`there is no file ${file} in ${source}: listSource() gives their names`, {
    context: { source, file },
  });
}

/** A stream that runs, has failed or died, as a row to show. */
export interface ActiveStream {
  stream: string;
  state: StreamInfo["state"];
  process: number;
  host: string;
  /** Whether this kernel runs it. */
  here: boolean;
  since: string;
  /** The last committed batch; null before the first. */
  batch: number | null;
  rows: number | null;
  /** The first line of the error that ended it. */
  error: string | null;
}

/**
 * The streams of the session's lake, in whatever kernel, that run, have failed or died. Spark Connect
 * tells a session of its own streams only.
 */
export async function activeStreams(session: EngineSession): Promise<ActiveStream[]> {
  const streams = await session.listStreams();
  return streams.map(({ name, state, pid, host, here, startedAt, error, lastProgress }) => ({
    stream: name,
    state,
    process: pid,
    host,
    here,
    since: startedAt,
    batch: lastProgress?.batchId ?? null,
    rows: lastProgress?.numInputRows ?? null,
    error,
  }));
}

/**
 * Waits until a stream runs, in whatever kernel, and has committed a batch.
 *
 * @param timeout Milliseconds to wait at most. @default 60000
 * @throws {BirdsongError} when it has not by then.
 * @throws {InterruptedError} when the stop button is pressed.
 */
export async function untilStreamIsReady(
  session: EngineSession,
  name: string,
  timeout = 60_000,
): Promise<void> {
  const deadline = Date.now() + timeout;
  while (Date.now() < deadline) {
    const stream = (await activeStreams(session)).find((active) => active.stream === name);
    if (stream?.state === "running" && stream.batch !== null) return;
    await interruptible(sleep(200));
  }
  throw new BirdsongError(
    `${name} has not committed a batch within ${timeout / 1000} s: is it started, and is there ` +
      "anything for it to read?",
    { context: { query: name } },
  );
}
