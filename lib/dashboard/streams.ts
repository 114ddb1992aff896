import type { Lakehouse } from "../lakehouse/lakehouse.ts";
import { lastProgressOfAll } from "../streaming/checkpoint.ts";
import type { EngineSession } from "../streaming/engine.ts";
import { listStreams, type StreamInfo } from "../streaming/processes/list_streams.ts";
import type { StreamingQueryProgress } from "../streaming/progress.ts";
import { tiers } from "../tweets/pipeline.ts";

/** A stream of the lake, as the dashboard shows it. */
export interface StreamStatus {
  name: string;
  /** `ended` where it was stopped or has taken all there was; `dead` where its process has died. */
  state: "running" | "ended" | "failed" | "dead";
  /** What it failed of. */
  error: string | null;
  /** The last committed batch; null before the first. */
  lastBatch: { id: number; startedAt: string; rows: number; rowsPerSecond: number } | null;
}

/**
 * The streams that run on a lake or have run on it, in whatever process: the pipeline's in their
 * order, then others by name.
 */
export async function readStreams(lake: Lakehouse): Promise<StreamStatus[]> {
  const progress = await lastProgressOfAll(lake);
  return statusOf(await listStreams(lake, progress), progress);
}

/** The same of a session on Spark: the pipeline's streams, and those that the session runs. */
export async function readSessionStreams(session: EngineSession): Promise<StreamStatus[]> {
  const progress = new Map<string, StreamingQueryProgress>();
  for (const name of pipeline) {
    const last = (await session.readProgress(name)).at(-1);
    if (last) progress.set(name, last);
  }
  return statusOf(await session.listStreams(), progress);
}

function statusOf(
  streams: readonly StreamInfo[],
  progress: ReadonlyMap<string, StreamingQueryProgress>,
): StreamStatus[] {
  const listed = new Map(streams.map((stream) => [stream.name, stream]));
  return [...new Set([...progress.keys(), ...listed.keys()])].sort(inOrder).map((name) => {
    const { state = "ended", error = null } = listed.get(name) ?? {};
    const last = progress.get(name);
    return {
      name,
      state,
      error,
      lastBatch: last
        ? {
          id: last.batchId,
          startedAt: last.timestamp,
          rows: last.numInputRows,
          rowsPerSecond: last.processedRowsPerSecond,
        }
        : null,
    };
  });
}

const pipeline: readonly string[] = tiers.map((tier) => `${tier}_stream`);

function inOrder(one: string, other: string): number {
  const [first, second] = [one, other].map((name) => {
    const place = pipeline.indexOf(name);
    return place < 0 ? pipeline.length : place;
  });
  return first - second || (one < other ? -1 : 1);
}
