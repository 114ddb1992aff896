import type { Lakehouse } from "../lakehouse/lakehouse.ts";
import type { StepState } from "./job_record.ts";

/** One attempt at a step of a job. */
export interface StepRun {
  /** The same for all steps of a run of the job. */
  jobId: string;
  step: string;
  /** 1 for the first; 0 for a step that was not run. */
  attempt: number;
  state: StepState;
  startedAt: Date;
  /** Null while it runs, and where its process was killed. */
  endedAt: Date | null;
  /** Rows it took or wrote, as far as it said. */
  rows: number | null;
  error: string | null;
}

/**
 * The record of a job's last runs, the newest first, each with its steps in their order.
 *
 * @param options.runs How many runs. @default 10
 */
export async function jobHistory(
  lake: Lakehouse,
  job: string,
  options: { runs?: number } = {},
): Promise<StepRun[]> {
  if (!await lake.tableExists("steps", "jobs")) return [];
  return await lake.sql<StepRun>(
    `WITH last_runs AS (
       SELECT job_id, min(started_at) AS begun FROM jobs.steps WHERE job = $job
       GROUP BY job_id ORDER BY begun DESC LIMIT $runs)
     SELECT job_id AS "jobId", step, attempt, state, started_at AS "startedAt",
       ended_at AS "endedAt", rows, error
     FROM jobs.steps JOIN last_runs USING (job_id)
     ORDER BY begun DESC, job_id, position, attempt`,
    { job, runs: options.runs ?? 10 },
  );
}
