import type { Connection, Parameters } from "../lakehouse/connection.ts";
import type { Lakehouse } from "../lakehouse/lakehouse.ts";
import { columnList, type Schema } from "../lakehouse/sql_text.ts";

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

  /** Begins a run's record, and closes what runs that were killed have left open. */
  static async open(lake: Lakehouse, job: string, jobId: string): Promise<JobRecord> {
    const record = new JobRecord(lake, await lake.connect(), job, jobId);
    if (!await isRecordThere(lake)) {
      await record.#commit("create the record of jobs", "CREATE SCHEMA IF NOT EXISTS jobs");
      await record.#commit(
        "create the record of jobs",
        `CREATE TABLE IF NOT EXISTS jobs.steps (${columnList(schema)})`,
      );
    }
    await record.#commit(
      "close the record of killed runs",
      "UPDATE jobs.steps SET state = 'interrupted', error = $error " +
        "WHERE job = $job AND state = 'running'",
      { job, error: "its process ended without a word: it was killed, or the machine stopped" },
    );
    return record;
  }

  /** An attempt at a step begins. */
  async begin(step: string, position: number, attempt: number): Promise<Attempt> {
    await this.#insert(step, position, attempt, "running");
    return {
      end: (
        state,
        { rows = null, error = null }: { rows?: number | null; error?: string | null } = {},
      ) =>
        this.#commit(
          `${step}: ${state}`,
          `UPDATE jobs.steps SET state = $state, ended_at = now(), rows = $rows, error = $error
           WHERE job_id = $jobId AND position = $position AND attempt = $attempt`,
          { jobId: this.jobId, position, attempt, state, rows, error },
        ),
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
    return this.#commit(
      `${step}: ${state}`,
      `INSERT INTO jobs.steps (job, job_id, position, step, attempt, state, started_at)
       VALUES ($job, $jobId, $position, $step, $attempt, $state, now())`,
      { job, jobId, position, step, attempt, state },
    );
  }

  #commit(message: string, sql: string, parameters?: Parameters): Promise<void> {
    return this.lake.commit(
      this.connection,
      { author: this.job, message, extra: { jobId: this.jobId } },
      async (connection) => void await connection.run(sql, parameters),
    );
  }
}

/** Whether any job has run on a lake. */
export async function isRecordThere(lake: Lakehouse): Promise<boolean> {
  const found = await lake.sql(
    `SELECT 1 AS found FROM duckdb_tables()
     WHERE database_name = 'lake' AND schema_name = 'jobs' AND table_name = 'steps'`,
  );
  return found.length > 0;
}
