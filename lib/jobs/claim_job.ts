import { BirdsongError } from "../errors.ts";
import type { Connection } from "../lakehouse/connection.ts";
import { type QueryRun, readRun } from "../streaming/processes/running.ts";

/** Another process runs the same job on the same lake. */
export class JobRunningError extends BirdsongError {
  override name = "JobRunningError";
}

/**
 * Makes a job this run's, within a transaction. The lake says whose a job is, and the run's mark
 * whether that run is alive, as it is with streams; so the claim of a killed process does not count.
 *
 * @param lake The lake's folder.
 * @throws {JobRunningError} while another run of the job is alive.
 */
export async function claimJob(lake: string, connection: Connection, run: QueryRun): Promise<void> {
  const { name: job, runId: jobId } = run;
  const holder = await connection.row("SELECT job_id FROM jobs.claims WHERE job = $job", { job });
  // Equal where the answer to the claim was lost, and it is made once more.
  const other = holder && holder.job_id !== jobId && readRun(lake, job, holder.job_id);
  if (other && other.state === "running") {
    throw new JobRunningError(
      `${job} runs on ${lake} already: process ${other.pid} on ${other.host}, since ` +
        `${other.startedAt}. Nothing was done. Wait until it has ended, or end it: ` +
        `deno task streams --stop ${job}`,
      { retriable: true, context: { job, pid: other.pid } },
    );
  }
  // All starts change the row without a job, so that of two at the same moment one conflicts. (In a
  // catalog that lets several commit; SQLite's does not.)
  await connection.run("UPDATE jobs.claims SET job_id = $jobId WHERE job IN ('', $job)", {
    job,
    jobId,
  });
  if (!holder) {
    await connection.run("INSERT INTO jobs.claims VALUES ($job, $jobId)", { job, jobId });
  }
}
