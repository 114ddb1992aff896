import { basename } from "node:path";
import { calibrationChart } from "../charts/calibration.ts";
import { confusionMatrix } from "../charts/confusion_matrix.ts";
import { staticImage } from "../charts/static_image.ts";
import { hashFile } from "../hash_file.ts";
import type { MlflowClient } from "../mlflow/client.ts";
import { logInput } from "../mlflow/log_input.ts";
import type { ScorerDescription } from "../sentiment/scorer.ts";
import { labels } from "../sentiment/sentiment.ts";
import type { TextEvaluation } from "./evaluate_texts.ts";
import { type Evaluation, inRun } from "./evaluation_run.ts";
import { reportText } from "./report_text.ts";

/** What was evaluated. */
export interface LogTextEvaluationOptions {
  mlflow: MlflowClient;
  scorer: ScorerDescription;
  /** The file with the labelled texts. */
  file: string;
  evaluation: TextEvaluation;
}

/**
 * Logs the evaluation of a model on a file to MLflow, as a run of the experiment `birdsong`: model and
 * provider as params, the figures as metrics, report, confusion matrix and calibration curve as
 * artifacts, the file as data set.
 *
 * @throws {BirdsongError} when MLflow refuses.
 */
export async function logTextEvaluation(options: LogTextEvaluationOptions): Promise<Evaluation> {
  const { mlflow, scorer, file, evaluation } = options;
  const { counts, report, calibration, metrics } = evaluation;
  const { model, provider, modelFile, sha256 } = scorer;
  const name = basename(file);
  return await inRun(mlflow, `${model} on ${name}`, metrics, async (run) => {
    await mlflow.logBatch(run.runId, {
      metrics,
      params: {
        scored_by: model,
        provider,
        model_file: basename(modelFile),
        model_sha256: sha256,
        data: name,
      },
    });
    await logInput(mlflow, run.runId, {
      name,
      digest: (await hashFile(file)).slice(0, 8),
      source: { uri: file },
      columns: ["id", "label", "text"].map((name) => ({ name, type: "string" })),
      profile: { num_rows: calibration.cases },
      context: "evaluation",
    });
    const matrix = confusionMatrix({
      title: `Given and predicted (${name})`,
      labels: [...labels],
      counts,
    });
    const curve = calibrationChart({ title: `Calibration (${name})`, bins: calibration.bins });
    const png = { format: "png" } as const;
    await mlflow.logArtifact(run.artifactUri, "classification_report.txt", reportText(report));
    await mlflow.logArtifact(
      run.artifactUri,
      "confusion_matrix.png",
      await staticImage(matrix, png),
    );
    await mlflow.logArtifact(run.artifactUri, "calibration.png", await staticImage(curve, png));
  });
}
