import type { Connection } from "../lakehouse/connection.ts";
import type { Lakehouse } from "../lakehouse/lakehouse.ts";
import { columnList, type Schema } from "../lakehouse/sql_text.ts";
import type { QueryRun } from "../streaming/processes/running.ts";
import { claimJob } from "./claim_job.ts";

/** How an attempt at a step ended; `not run` where a step before it failed. */
export type StepState = "running" | "succeeded" | "failed" | "interrupted" | "not run";

const schema: Schema = {
  job: "VARCHAR",
  /** The same for all steps of a run of the job. */
  job_id: "VARCHAR",
  /** The step's place in the job, from 1. */
  position: "INTEGER",
  step: "VARCHAR",
  /** 1 for the first; 0 for a step that was not run. */
  attempt: "INTEGER",
  state: "VARCHAR",
  started_at: "TIMESTAMPTZ",
  /** NULL while it runs, and where its process was killed. */
  ended_at: "TIMESTAMPTZ",
  /** Rows it took or wrote, as far as it said. */
  rows: "BIGINT",
  error: "VARCHAR",
};

/** An attempt at a step that is going on. */
export interface Attempt {
  end(state: StepState, facts?: { rows?: number; error?: string }): Promise<void>;
}

/** Writes a run of a job to the lake's table `jobs.steps`: one row for each attempt at a step. */
export class JobRecord {
  private constructor(
    private readonly lake: Lakehouse,
    private readonly connection: Connection,
    private readonly job: string,
    private readonly jobId: string,
  ) {}

  /**
   * Claims the job for a run, and closes what runs that were killed have left open.
   *
   * @throws {JobRunningError} while another run of the job is alive.
   */
  static async open(lake: Lakehouse, run: QueryRun): Promise<JobRecord> {
    const record = new JobRecord(lake, await lake.connect(), run.name, run.runId);
    try {
      await record.#commit("start", async (connection) => {
        await createTables(connection);
        await claimJob(lake.folder, connection, run);
        await connection.run(
          "UPDATE jobs.steps SET state = 'interrupted', error = $error " +
            "WHERE job = $job AND state = 'running'",
          {
            job: run.name,
            error: "its process ended without a word: it was killed, or the machine stopped",
          },
        );
      });
      return record;
    } catch (error) {
      record.close();
      throw error;
    }
  }

  /** An attempt at a step begins. */
  async begin(step: string, position: number, attempt: number): Promise<Attempt> {
    await this.#insert(step, position, attempt, "running");
    return {
      end: (state, { rows, error } = {}) =>
        this.#commit(`${step}: ${state}`, (connection) =>
          connection.run(
            `UPDATE jobs.steps SET state = $state, ended_at = now(), rows = $rows, error = $error
             WHERE job_id = $jobId AND position = $position AND attempt = $attempt`,
            {
              jobId: this.jobId,
              position,
              attempt,
              state,
              rows: rows ?? null,
              error: error ?? null,
            },
          )),
    };
  }

  /** A step is not run, because one before it has failed. */
  async leaveOut(step: string, position: number): Promise<void> {
    await this.#insert(step, position, 0, "not run");
  }

  close(): void {
    this.connection.close();
  }

  #insert(step: string, position: number, attempt: number, state: StepState): Promise<void> {
    const { job, jobId } = this;
    return this.#commit(`${step}: ${state}`, (connection) =>
      connection.run(
        `INSERT INTO jobs.steps (job, job_id, position, step, attempt, state, started_at)
         VALUES ($job, $jobId, $position, $step, $attempt, $state, now())`,
        { job, jobId, position, step, attempt, state },
      ));
  }

  async #commit(
    message: string,
    action: (connection: Connection) => Promise<unknown>,
  ): Promise<void> {
    const info = { author: this.job, message, extra: { jobId: this.jobId } };
    await this.lake.commit(this.connection, info, action);
  }
}

async function createTables(connection: Connection): Promise<void> {
  await connection.run("CREATE SCHEMA IF NOT EXISTS jobs");
  await connection.run(`CREATE TABLE IF NOT EXISTS jobs.steps (${columnList(schema)})`);
  await connection.run("CREATE TABLE IF NOT EXISTS jobs.claims (job VARCHAR, job_id VARCHAR)");
  await connection.run(
    "INSERT INTO jobs.claims SELECT '', '' WHERE NOT EXISTS (FROM jobs.claims)",
  );
}
