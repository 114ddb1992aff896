import { hostname } from "node:os";
import process from "node:process";
import type { StreamInfo } from "../streaming/processes/list_streams.ts";
import type { SparkSession } from "./spark_session.ts";

/** A session's streams that run or have failed. */
export async function listStreams(session: SparkSession): Promise<StreamInfo[]> {
  const streams: StreamInfo[] = [];
  for (const { query, startedAt } of session.streams.all) {
    const { name, runId, isActive, exception, lastProgress } = query;
    if (!isActive && !exception) continue;
    streams.push({
      name,
      runId,
      pid: process.pid,
      host: hostname(),
      here: true,
      startedAt,
      state: isActive ? "running" : "failed",
      error: exception?.message.split("\n", 1)[0] ?? null,
      lastProgress: lastProgress ?? (await session.readProgress(name)).at(-1) ?? null,
    });
  }
  return streams;
}
