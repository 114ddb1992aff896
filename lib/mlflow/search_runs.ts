import type { MlflowClient } from "./client.ts";
import { request } from "./request.ts";

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

/** The newest runs of an experiment, newest first: `mlflow.search_runs` of Python. */
export async function searchRuns(
  client: MlflowClient,
  experimentId: string,
  maxResults: number,
): Promise<LoggedRun[]> {
  const body = await request(client.uri, {
    path: "/api/2.0/mlflow/runs/search",
    method: "POST",
    json: {
      experiment_ids: [experimentId],
      order_by: ["attributes.start_time DESC"],
      max_results: maxResults,
    },
  });
  const { runs = [] }: { runs?: Answer[] } = JSON.parse(new TextDecoder().decode(body));
  return runs.map(({ info, data }) => ({
    runId: info.run_id,
    name: info.run_name,
    status: info.status,
    start: new Date(Number(info.start_time)),
    params: record(data.params),
    metrics: record(data.metrics),
    tags: record(data.tags),
  }));
}

/** A run as the server describes it. */
interface Answer {
  info: { run_id: string; run_name: string; status: string; start_time: string | number };
  data: { params?: Pair<string>[]; metrics?: Pair<number>[]; tags?: Pair<string>[] };
}
interface Pair<T> {
  key: string;
  value: T;
}

function record<T>(pairs: Pair<T>[] = []): Record<string, T> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
}
