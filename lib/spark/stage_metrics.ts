import { setTimeout as sleep } from "node:timers/promises";
import { BirdsongError, messageOf } from "../errors.ts";
import type { SparkSession } from "./spark_session.ts";

/** What the tasks of one stage have done: between two shuffles, every task does the same work. */
export interface StageMetrics {
  stage: number;
  tasks: number;
  /** Of all tasks together, without waiting for a core. */
  seconds: number;
  /** What the tasks got from others, and what they left for others. */
  shuffleReadBytes: number;
  shuffleWriteBytes: number;
  /** What did not fit into memory and went to disk. */
  spilledBytes: number;
  /** Rows that a task got from the shuffle. */
  medianRows: number;
  mostRows: number;
  medianSeconds: number;
  longestSeconds: number;
}

/** A query with what Spark has measured of it. */
export interface QueryStages {
  /** From sending the query to having its rows. */
  seconds: number;
  stages: StageMetrics[];
}

/** The parts of Spark's answers that are read here: https://spark.apache.org/docs/latest/monitoring.html */
interface Job {
  jobId: number;
  description?: string;
  jobTags?: string[];
  status: string;
  stageIds: number[];
}
interface Stage {
  stageId: number;
  status: string;
  numTasks: number;
  executorRunTime: number;
  shuffleReadBytes: number;
  shuffleWriteBytes: number;
  diskBytesSpilled: number;
  taskMetricsDistributions?: {
    executorRunTime: Quantiles;
    shuffleReadMetrics: { readRecords: Quantiles };
  };
}
/** Of the tasks: median and largest. */
type Quantiles = [number, number];

// Spark's page learns of a stage's end a moment after the query's rows are here.
const patienceMs = 10_000;

/**
 * Runs a query and reads from Spark's own metrics what its tasks have shuffled and spilled, and how
 * unequal they were.
 *
 * @param options.ui The application's page; null takes the server's host and the port it names.
 * @throws {BirdsongError} where that page does not answer.
 */
export async function measureStages(
  session: SparkSession,
  query: string,
  options: { ui: string | null },
): Promise<QueryStages> {
  const application = await applicationAddress(session, options.ui);
  const before = await jobsOf(session, application);
  const lastBefore = Math.max(-1, ...before.map(({ jobId }) => jobId));
  const start = performance.now();
  await session.sql(query);
  const seconds = (performance.now() - start) / 1000;
  for (const end = Date.now() + patienceMs;; await sleep(100)) {
    const jobs = (await jobsOf(session, application)).filter(({ jobId }) => jobId > lastBefore);
    const done = jobs.length > 0 && jobs.every(({ status }) => status !== "RUNNING");
    if (!done && Date.now() < end) continue;
    // Delta's own queries, which read a table's log, are named after it.
    const ids = jobs.filter(({ description }) => !description?.startsWith("Delta: "))
      .flatMap(({ stageIds }) => stageIds).sort((left, right) => left - right);
    const stages: StageMetrics[] = [];
    for (const id of new Set(ids)) stages.push(...await stageMetrics(application, id));
    return { seconds, stages };
  }
}

async function applicationAddress(session: SparkSession, ui: string | null): Promise<string> {
  const { client } = session;
  const port = await client.getConfig("spark.ui.port") ?? "4040";
  const id = await client.getConfig("spark.app.id");
  return `${ui ?? `http://${session.host}:${port}`}/api/v1/applications/${id}`;
}

/** The jobs that a session has caused, of all operations. */
async function jobsOf(session: SparkSession, application: string): Promise<Job[]> {
  const jobs = await get<Job[]>(`${application}/jobs`);
  const mark = `_Session_${session.client.sessionId}_`;
  return jobs.filter(({ jobTags = [] }) => jobTags.some((tag) => tag.includes(mark)));
}

/** The attempts at a stage that ran to their end; none where an earlier result was taken. */
async function stageMetrics(application: string, id: number): Promise<StageMetrics[]> {
  const attempts = await get<Stage[]>(
    `${application}/stages/${id}?details=false&withSummaries=true&quantiles=0.5,1`,
  );
  return attempts.filter(({ status }) => status === "COMPLETE").map((stage) => {
    const { executorRunTime = [0, 0], shuffleReadMetrics } = stage.taskMetricsDistributions ?? {};
    const [medianRows, mostRows] = shuffleReadMetrics?.readRecords ?? [0, 0];
    const [medianMs, longestMs] = executorRunTime;
    return {
      stage: stage.stageId,
      tasks: stage.numTasks,
      seconds: stage.executorRunTime / 1000,
      shuffleReadBytes: stage.shuffleReadBytes,
      shuffleWriteBytes: stage.shuffleWriteBytes,
      spilledBytes: stage.diskBytesSpilled,
      medianRows,
      mostRows,
      medianSeconds: medianMs / 1000,
      longestSeconds: longestMs / 1000,
    };
  });
}

async function get<T>(address: string): Promise<T> {
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(10_000) });
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
    return await response.json() as T;
  } catch (error) {
    throw new BirdsongError(
      `Spark's page does not answer at ${address}: ${messageOf(error)}. ` +
        "Set BIRDSONG_SPARK_UI to the address of the application's page, such as http://host:4040",
      { cause: error, context: { address } },
    );
  }
}
