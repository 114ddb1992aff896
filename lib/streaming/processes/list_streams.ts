import type { Lakehouse } from "../../lakehouse/lakehouse.ts";
import { lastProgressOfAll, runIdsOfAll } from "../checkpoint.ts";
import type { StreamingQueryProgress } from "../progress.ts";
import { type QueryRun, readRuns } from "./running.ts";

/** A stream that runs, has failed or died, in whatever process. */
export interface StreamInfo extends QueryRun {
  /** Its last committed batch, of this run or an earlier one; null before the first. */
  lastProgress: StreamingQueryProgress | null;
}

/**
 * The streams of a lake that run, in whatever process, and those that have failed or died and were
 * not started again since; by name. One that has ended well, or was stopped, is not listed.
 *
 * @param progress Every query's last progress, for one who has it already.
 */
export async function listStreams(
  lake: Lakehouse,
  progress?: ReadonlyMap<string, StreamingQueryProgress>,
): Promise<StreamInfo[]> {
  const runIds = await runIdsOfAll(lake);
  const last = progress ?? await lastProgressOfAll(lake);
  return readRuns(lake.folder)
    // A second start, which is about to be refused, is not the query's run.
    .filter(({ name, runId }) => (runIds.get(name) ?? runId) === runId)
    .map((run) => ({ ...run, lastProgress: last.get(run.name) ?? null }));
}
