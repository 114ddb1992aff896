import type { MlflowClient } from "./client.ts";
import { requestJson } from "./request.ts";

/** A run with what was logged to it. */
export interface LoggedRun {
  runId: string;
  name: string;
  /** Such as `FINISHED`. */
  status: string;
  start: Date;
  params: Record<string, string>;
  /** The last value of each. */
  metrics: Record<string, number>;
  tags: Record<string, string>;
}

/**
 * The newest runs of an experiment, newest first: `mlflow.search_runs` of Python.
 *
 * @param filter Which runs, in MLflow's filter language, such as `metrics.f1 > 0.5`.
 */
export async function searchRuns(
  client: MlflowClient,
  experimentId: string,
  maxResults: number,
  filter: string,
): Promise<LoggedRun[]> {
  const { runs = [] }: { runs?: Answer[] } = await requestJson(client.uri, {
    path: "/api/2.0/mlflow/runs/search",
    method: "POST",
    json: {
      experiment_ids: [experimentId],
      filter,
      order_by: ["attributes.start_time DESC"],
      max_results: maxResults,
    },
  });
  return runs.map(({ info, data }) => ({
    runId: info.run_id,
    name: info.run_name,
    status: info.status,
    start: new Date(Number(info.start_time)),
    params: record(data.params),
    // What JSON has no number for comes as text: "NaN", "Infinity".
    metrics: record(data.metrics?.map(({ key, value }) => ({ key, value: Number(value) }))),
    tags: record(data.tags),
  }));
}

/** A run as the server describes it. */
interface Answer {
  info: { run_id: string; run_name: string; status: string; start_time: string | number };
  data: { params?: Pair<string>[]; metrics?: Pair<number | string>[]; tags?: Pair<string>[] };
}
interface Pair<T> {
  key: string;
  value: T;
}

function record<T>(pairs: Pair<T>[] = []): Record<string, T> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
}
