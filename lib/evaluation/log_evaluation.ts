import { calibrationChart } from "../charts/calibration.ts";
import { confusionMatrix } from "../charts/confusion_matrix.ts";
import { staticImage } from "../charts/static_image.ts";
import type { MlflowClient } from "../mlflow/client.ts";
import { logInput } from "../mlflow/log_input.ts";
import { serverVersion } from "../mlflow/server_version.ts";
import type { EngineSession } from "../streaming/engine.ts";
import { requireTable } from "../tweets/require_table.ts";
import { type ConfusionCounts, confusionCounts, type Per } from "./confusion.ts";
import { goldCalibration } from "./gold_calibration.ts";
import { goldDataset } from "./gold_dataset.ts";
import { goldModelOf } from "./gold_model.ts";
import { type Evaluation, inRun } from "./evaluation_run.ts";
import { binaryMetrics, classificationReport, type NeutralAs, neutralAsValues } from "./metrics.ts";
import { reportText } from "./report_text.ts";
import { silverVersionOf } from "./silver_version.ts";

/** What to evaluate, and where to log it. */
export interface LogEvaluationOptions {
  mlflow: MlflowClient;
  /** The model that gold was scored with. */
  model: { name: string; version: number };
  /** What neutral counts as in the run's `precision`, `recall`, `f1`, `accuracy`. @default "exclude" */
  neutralAs?: NeutralAs;
  /** Version of gold to evaluate. @default the newest */
  versionAsOf?: number;
}

const suffixes: Record<NeutralAs, string> = {
  exclude: "exclude_neutral",
  positive: "neutral_as_positive",
  negative: "neutral_as_negative",
};

/**
 * Evaluates gold, and logs it to MLflow as one run of the experiment `birdsong`: versions as
 * params, the figures as metrics, classification reports and confusion matrices as artifacts, gold
 * as data set.
 *
 * @throws {BirdsongError} when there is no gold yet, or MLflow refuses.
 */
export async function logEvaluation(
  session: EngineSession,
  options: LogEvaluationOptions,
): Promise<Evaluation> {
  const { mlflow, model, neutralAs = "exclude" } = options;
  await requireTable(session, "gold");
  // One version throughout: a stream may go on writing meanwhile.
  const versionAsOf = options.versionAsOf ?? await session.tableVersion("gold");
  const counts = {
    tweet: await confusionCounts(session, { per: "tweet", versionAsOf }),
    row: await confusionCounts(session, { per: "row", versionAsOf }),
  };
  const calibration = await goldCalibration(session, { versionAsOf });
  const silverVersion = await silverVersionOf(session, versionAsOf);
  const metrics = {
    ...headline(counts.tweet, neutralAs),
    expected_calibration_error: calibration.expectedCalibrationError,
    ...metricsOf(counts),
  };
  const params = {
    model_name: model.name,
    model_version: model.version,
    mlflow_version: await serverVersion(mlflow),
    ...(silverVersion === undefined ? {} : { silver_version: silverVersion }),
    gold_version: versionAsOf,
    neutral_as: neutralAs,
    ...await goldModelOf(session, versionAsOf),
  };
  const dataset = await goldDataset(session, versionAsOf);
  const name = `${model.name} version ${model.version}`;
  return await inRun(mlflow, name, metrics, async (run) => {
    await mlflow.logBatch(run.runId, { params, metrics });
    await logInput(mlflow, run.runId, dataset);
    for (const per of ["tweet", "row"] as const) {
      const report = reportText(classificationReport(counts[per].counts));
      await mlflow.logArtifact(run.artifactUri, `classification_report_per_${per}.txt`, report);
      const image = await confusionImage(counts[per], per);
      await mlflow.logArtifact(run.artifactUri, `confusion_matrix_per_${per}.png`, image);
    }
    const curve = calibrationChart({ title: "Calibration (tweets)", bins: calibration.bins });
    const image = await staticImage(curve, { format: "png" });
    await mlflow.logArtifact(run.artifactUri, "calibration.png", image);
  });
}

/** The figures to compare runs by: per tweet, under their plain names. */
function headline({ counts }: ConfusionCounts, neutralAs: NeutralAs): Record<string, number> {
  const { precision, recall, f1, accuracy } = binaryMetrics(counts, { neutralAs });
  return { precision, recall, f1, accuracy };
}

function metricsOf(counts: Record<Per, ConfusionCounts>): Record<string, number> {
  const metrics: Record<string, number> = {};
  for (const per of ["tweet", "row"] as const) {
    for (const neutralAs of neutralAsValues) {
      const binary = binaryMetrics(counts[per].counts, { neutralAs });
      for (const [name, value] of Object.entries(binary)) {
        metrics[`${name}_per_${per}_${suffixes[neutralAs]}`] = value;
      }
    }
    const { accuracy, ...report } = classificationReport(counts[per].counts);
    metrics[`accuracy_per_${per}_three_classes`] = accuracy;
    for (const average of ["macro", "weighted"] as const) {
      const { precision, recall, f1 } = report[average];
      for (const [name, value] of Object.entries({ precision, recall, f1 })) {
        metrics[`${average}_${name}_per_${per}_three_classes`] = value;
      }
    }
    metrics[`${per}s_compared`] = report.macro.support;
    metrics[`${per}s_without_given_sentiment`] = counts[per].notGiven;
  }
  return metrics;
}

async function confusionImage({ labels, counts }: ConfusionCounts, per: Per): Promise<Uint8Array> {
  const figure = confusionMatrix({
    title: `Given and predicted sentiment (${per}s)`,
    labels,
    counts,
  });
  return await staticImage(figure, { format: "png" });
}
