import type { MlflowClient } from "../mlflow/client.ts";
import { type LoggedRun, searchRuns } from "../mlflow/search_runs.ts";
import { evaluationExperiment } from "./evaluation_run.ts";

/** A run beside others: what was evaluated, and how it did. */
export interface ComparedRun {
  run: string;
  started: Date;
  model: string;
  provider: string;
  /** Version of gold, or the file with the labelled texts. */
  data: string;
  /** Figures by name; null where the run has none of this name. */
  [metric: string]: string | number | Date | null;
}

/** Figures that are compared unless others are asked for. */
const headline = [
  "precision",
  "recall",
  "f1",
  "accuracy",
  "macro_recall",
  "expected_calibration_error",
];

/**
 * The finished evaluations of the experiment `birdsong`, newest first, as rows of a table. Figures
 * that none of them has are left out.
 *
 * @example
 * await show(compareRuns(mlflow));
 */
export async function compareRuns(
  mlflow: MlflowClient,
  options: { metrics?: string[]; maxRuns?: number } = {},
): Promise<ComparedRun[]> {
  const { metrics = headline, maxRuns = 20 } = options;
  const experiment = await mlflow.getOrCreateExperiment(evaluationExperiment);
  const runs = await searchRuns(mlflow, experiment, maxRuns, "attributes.status = 'FINISHED'");
  const present = metrics.filter((name) => runs.some((run) => Object.hasOwn(run.metrics, name)));
  return runs.map((run) => ({
    run: run.name,
    started: run.start,
    model: modelOf(run),
    provider: run.params.provider ?? "",
    data: run.params.data ?? `gold at version ${run.params.gold_version}`,
    ...Object.fromEntries(present.map((name) => [name, run.metrics[name] ?? null])),
  }));
}

function modelOf({ params }: LoggedRun): string {
  return params.scored_by ?? `models:/${params.model_name}/${params.model_version}`;
}
