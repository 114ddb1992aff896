import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { BirdsongError, messageOf } from "../errors.ts";
import { RunMark } from "../streaming/processes/running.ts";
import type { Session } from "../streaming/session.ts";
import { JobRecord } from "./job_record.ts";

/** One step of a job. */
export interface JobStep {
  name: string;
  /**
   * Does it. A step may be tried again, and the whole job may run again the next day, so it has to
   * take only what is new, or replace what it made.
   *
   * @param signal Aborted when the job is to end: the step ends soon, and throws.
   * @returns How many rows it took or wrote, for the record.
   */
  run(signal: AbortSignal): Promise<number>;
}

/** How to run a job. */
export interface RunJobOptions {
  /** How often a step is tried whose error says that trying again may help. @default 3 */
  attempts?: number;
  /** Milliseconds before the second attempt; twice as long before each further one. @default 5000 */
  backoff?: number;
  /** Ends the job. */
  signal?: AbortSignal;
  /** Told what happens, a line at a time. @default console.log */
  log?: (line: string) => void;
}

/**
 * Runs steps one after the other as one job, which runs once at a time on a lake. Every attempt is
 * recorded in the lake; {@linkcode jobHistory} reads that. A step that fails stops the job, unless
 * its error is `retriable`: then it is tried again.
 *
 * @returns The id of this run.
 * @throws {JobRunningError} when the job runs already, in whatever process.
 * @throws {BirdsongError} when a step fails; the steps after it are not run.
 * @throws The signal's reason when the job was ended by it.
 */
export async function runJob(
  session: Session,
  job: string,
  steps: readonly JobStep[],
  options: RunJobOptions = {},
): Promise<string> {
  const { log = console.log } = options;
  const jobId = randomUUID();
  const stop = new AbortController();
  // The mark that a stream leaves, too: notebooks list the job, and can stop it.
  const mark = new RunMark(
    session.lake.folder,
    job,
    jobId,
    (reason) =>
      stop.abort(reason ?? new BirdsongError(`${job} was asked to stop by another process`)),
  );
  const signal = AbortSignal.any([stop.signal, ...(options.signal ? [options.signal] : [])]);
  let record: JobRecord | undefined;
  let begun = 0;
  let failure: unknown;
  try {
    record = await JobRecord.open(session.lake, mark.run);
    mark.becomeHolder();
    for (const step of steps) {
      signal.throwIfAborted();
      begun++;
      await runStep(step, begun, record, { ...options, log, signal });
    }
    return jobId;
  } catch (error) {
    const left = steps.slice(begun).map(({ name }) => name);
    if (record) await leaveOut(left, begun + 1, record, log);
    if (signal.aborted) throw signal.reason;
    if (begun === 0) throw error; // refused, or the lake cannot be written
    failure = error;
    const notRun = left.length > 0 ? ` (not run: ${left.join(", ")})` : "";
    throw new BirdsongError(
      `${job} failed in its step "${steps[begun - 1].name}"${notRun}: ${messageOf(error)}`,
      { cause: error, context: { job, jobId } },
    );
  } finally {
    record?.close();
    mark.end(failure);
  }
}

/** Runs a step until it succeeds, or trying again is of no use. */
async function runStep(
  step: JobStep,
  position: number,
  record: JobRecord,
  options: RunJobOptions & { log: (line: string) => void; signal: AbortSignal },
): Promise<void> {
  const { attempts = 3, backoff = 5000, log, signal } = options;
  for (let attempt = 1;; attempt++) {
    const running = await record.begin(step.name, position, attempt);
    const started = performance.now();
    try {
      const rows = await step.run(signal);
      await running.end("succeeded", { rows });
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      log(`${step.name}: succeeded, ${rows} rows in ${seconds} s`);
      return;
    } catch (error) {
      const message = messageOf(error);
      await running.end(signal.aborted ? "interrupted" : "failed", { error: message })
        // The step's own error matters more, and is often why: the lake cannot be written.
        .catch((reason) => log(`${step.name}: no record of its end: ${messageOf(reason)}`));
      const retriable = error instanceof BirdsongError && error.retriable;
      if (signal.aborted || !retriable || attempt >= attempts) throw error;
      const pause = backoff * 2 ** (attempt - 1);
      const failed = `attempt ${attempt} of ${attempts} failed, next in ${pause / 1000} s`;
      log(`${step.name}: ${failed}: ${message}`);
      await sleep(pause, undefined, { signal });
    }
  }
}

async function leaveOut(
  steps: string[],
  position: number,
  record: JobRecord,
  log: (line: string) => void,
): Promise<void> {
  for (const [index, step] of steps.entries()) {
    await record.leaveOut(step, position + index)
      .catch((reason) => log(`${step}: no record that it was not run: ${messageOf(reason)}`));
  }
}
