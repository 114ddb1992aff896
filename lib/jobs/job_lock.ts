import { BirdsongError } from "../errors.ts";
import { RunningMark, runningQueries } from "../streaming/running.ts";

/** Another process runs the same job on the same lake. */
export class JobRunningError extends BirdsongError {
  override name = "JobRunningError";
}

/**
 * Makes sure that a job runs once at a time on a lake: by the same mark that a stream leaves, so
 * that notebooks see it, `stopAllStreams` stops it, and nothing is cleared under it. The mark of a
 * process that has ended does not count.
 *
 * @param onStopRequest Called when another process asks the job to stop.
 * @throws {JobRunningError} when the job runs already.
 */
export function lockJob(
  lake: string,
  job: string,
  jobId: string,
  onStopRequest: () => void,
): RunningMark {
  try {
    return new RunningMark(lake, job, jobId, onStopRequest);
  } catch (error) {
    const other = runningQueries(lake).find(({ name }) => name === job);
    if (!(error instanceof BirdsongError) || other?.state !== "running") throw error;
    throw new JobRunningError(
      `${job} runs on ${lake} already: process ${other.pid} on ${other.host}, since ` +
        `${other.startedAt}. Nothing was done. Wait until it has ended, or end it.`,
      { cause: error, retriable: true, context: { job, pid: other.pid } },
    );
  }
}
