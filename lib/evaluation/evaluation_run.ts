import type { MlflowClient, MlflowRun } from "../mlflow/client.ts";

/** A run of the experiment `birdsong`. */
export interface Evaluation {
  runId: string;
  /** Page of the run. */
  url: string;
  /** The figures logged, by name. */
  metrics: Record<string, number>;
}

/** Experiment of the evaluations. */
export const evaluationExperiment = "birdsong";

/** Makes a run for an evaluation; it counts as failed when `log` throws. */
export async function inRun(
  mlflow: MlflowClient,
  name: string,
  metrics: Record<string, number>,
  log: (run: MlflowRun) => Promise<void>,
): Promise<Evaluation> {
  const experiment = await mlflow.getOrCreateExperiment(evaluationExperiment);
  const run = await mlflow.createRun(experiment, name);
  try {
    await log(run);
    await mlflow.finishRun(run.runId);
  } catch (error) {
    // The reason matters more than the state of the run, which a lost server cannot take anyway.
    await mlflow.finishRun(run.runId, "FAILED").catch(() => undefined);
    throw error;
  }
  const url = `${mlflow.uri}/#/experiments/${experiment}/runs/${run.runId}`;
  return { runId: run.runId, url, metrics };
}
