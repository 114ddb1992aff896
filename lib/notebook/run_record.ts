import type { Settings } from "../settings.ts";
import { SparkSession } from "../spark/spark_session.ts";
import type { EngineSession } from "../streaming/engine.ts";
import type { Session } from "../streaming/session.ts";
import { LakeRuns } from "./lake_runs.ts";
import { SparkRuns } from "./spark_runs.ts";

/** A run of the notebooks, from 00 to where it has come. */
export interface RunRecord {
  id: string;
  startedAt: Date;
  settings: Settings;
  sections: {
    section: string;
    startedAt: Date;
    /** Null while the section runs, or when it has failed. */
    seconds: number | null;
  }[];
}

/** Where the runs are recorded: in tables of the engine, so that every kernel finds them. */
export interface Runs {
  start(settings: Settings): Promise<void>;
  /** Begins a section; returns what ends it. */
  startSection(name: string): Promise<() => Promise<void>>;
  last(): Promise<RunRecord | undefined>;
}

/** Begins a run: what `elapsedTime` and the sections' seconds are counted from. */
export async function startRun(session: EngineSession, settings: Settings): Promise<void> {
  await runsOf(session).start(settings);
}

/**
 * Begins a section of the run. Call `end()` in the section's last cell.
 *
 * @param name Such as `03_raw_to_bronze`.
 */
export async function startSection(
  session: EngineSession,
  name: string,
): Promise<{ end(): Promise<void> }> {
  return { end: await runsOf(session).startSection(name) };
}

/** The newest run; undefined where 00_run_me_first has not been run on this lake. */
export async function lastRun(session: EngineSession): Promise<RunRecord | undefined> {
  return await runsOf(session).last();
}

function runsOf(session: EngineSession): Runs {
  if (session instanceof SparkSession) return new SparkRuns(session);
  return new LakeRuns(session as Session);
}
