import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { compareRuns } from "../../lib/evaluation/compare_runs.ts";
import { evaluateTexts } from "../../lib/evaluation/evaluate_texts.ts";
import { readLabelledTexts } from "../../lib/evaluation/labelled_texts.ts";
import { logTextEvaluation } from "../../lib/evaluation/log_text_evaluation.ts";
import { logEvaluation } from "../../lib/evaluation/log_evaluation.ts";
import { tableVersion } from "../../lib/lakehouse/history.ts";
import { MlflowClient } from "../../lib/mlflow/client.ts";
import { ensureMlflowServer, stopMlflowServer } from "../../lib/mlflow/server.ts";
import { projectPath } from "../../lib/paths.ts";
import { commitSql } from "../lakehouse/with_lake.ts";
import { fakeScorer } from "../tweets/tiers.ts";
import { type GoldRow, insertGold, withGold } from "./with_gold.ts";

const rows: GoldRow[] = [
  ["a#0", "ann", "negative", "positive"],
  ["a#0", "ben", "negative", "positive"],
  ["a#1", null, "positive", "positive"],
  ["a#2", "<script>'\"", "positive", "neutral"],
  ["a#3", null, "negative", "negative"],
  ["a#4", null, null, "negative"],
];

const model = { name: "HF_TWEET_SENTIMENT", version: 3 };

/** Reads runs with the official client of MLflow. */
async function readRuns(uri: string, runIds: string[], folder: string) {
  const script = `
import json, sys, mlflow
mlflow.set_tracking_uri(sys.argv[1])
for run_id in sys.argv[3:]:
    run = mlflow.get_run(run_id)
    [used] = run.inputs.dataset_inputs
    columns = json.dumps(json.loads(used.dataset.schema)["mlflow_colspec"])
    print(json.dumps({
        "status": run.info.status,
        "experiment": mlflow.get_experiment(run.info.experiment_id).name,
        "mlflow": mlflow.__version__,
        "params": run.data.params, "metrics": run.data.metrics,
        "folder": mlflow.artifacts.download_artifacts(
            run_id=run_id, dst_path=sys.argv[2] + "/" + run_id),
        "dataset": {
            "name": used.dataset.name, "digest": used.dataset.digest,
            "uri": mlflow.data.get_source(used).uri, "source": json.loads(used.dataset.source),
            "columns": {one.name: one.type.name for one in mlflow.types.Schema.from_json(columns)},
            "profile": json.loads(used.dataset.profile),
            "context": {tag.key: tag.value for tag in used.tags},
        },
    }))`;
  const { stdout } = await promisify(execFile)(
    projectPath(".venv/bin/python"),
    ["-c", script, uri, folder, ...runIds],
    { env: { ...Deno.env.toObject(), MLFLOW_DISABLE_TELEMETRY: "true" } },
  );
  return stdout.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
}

Deno.test("Python's MLflow client reads all of a logged evaluation", async () => {
  await withGold(async (session, folder) => {
    const server = await ensureMlflowServer({ folder: join(folder, "mlflow") });
    try {
      const mlflow = new MlflowClient(server.uri);
      await commitSql(session.lake, `INSERT INTO silver (tweet_id) VALUES ('a#0')`);
      await insertGold(session, rows);
      const gold = await tableVersion(session.lake, "gold");
      const { runId, url, metrics } = await logEvaluation(session, { mlflow, model });
      await insertGold(session, [["b#0", null, "positive", "negative"]]);
      const later = await logEvaluation(session, { mlflow, model, neutralAs: "negative" });
      const again = await logEvaluation(session, { mlflow, model, versionAsOf: gold });
      const [run, laterRun, againRun] = await readRuns(
        server.uri,
        [runId, later.runId, again.runId],
        join(folder, "downloaded"),
      );

      assert.ok(url.startsWith(`${server.uri}/#/experiments/`) && url.endsWith(`/runs/${runId}`));
      assert.equal(run.status, "FINISHED");
      assert.equal(run.experiment, "birdsong");
      assert.deepEqual(run.params, {
        model_name: "HF_TWEET_SENTIMENT",
        model_version: "3",
        mlflow_version: run.mlflow,
        silver_version: String(await tableVersion(session.lake, "silver")),
        gold_version: String(gold),
        neutral_as: "exclude",
      }, "gold was made without a stream, so nothing says which model scored it");

      assert.deepEqual(run.metrics, metrics);
      // Per tweet: a#0 is wrong, a#1 and a#3 are right, and a#2 is the neutral one.
      assert.equal(metrics.precision, 1 / 2);
      assert.equal(metrics.recall, 1);
      assert.equal(metrics.accuracy, 2 / 3);
      assert.equal(metrics.precision_per_tweet_exclude_neutral, 1 / 2);
      assert.equal(metrics.precision_per_row_exclude_neutral, 1 / 3);
      assert.equal(metrics.precision_per_tweet_neutral_as_positive, 2 / 3);
      assert.equal(metrics.recall_per_tweet_neutral_as_negative, 1 / 2);
      assert.equal(metrics.f1_per_row_neutral_as_positive, 2 / 3);
      assert.equal(metrics.compared_per_row_exclude_neutral, 4);
      assert.equal(metrics.support_per_row_neutral_as_positive, 2);
      assert.equal(metrics.accuracy_per_tweet_three_classes, 1 / 2);
      assert.equal(metrics.macro_recall_per_tweet_three_classes, 1 / 3);
      assert.equal(metrics.weighted_recall_per_tweet_three_classes, 1 / 2);
      assert.equal(metrics.tweets_compared, 4);
      assert.equal(metrics.rows_compared, 5);
      assert.equal(metrics.tweets_without_given_sentiment, 1);
      // Each of the four has a score of 90.5 percent, and two are right.
      assert.ok(Math.abs(metrics.expected_calibration_error - 0.405) < 1e-9);

      const read = (file: string) => Deno.readFile(join(run.folder, file));
      assert.ok((await read("calibration.png")).length > 5_000, "a drawing");
      for (const per of ["tweet", "row"]) {
        const image = await read(`confusion_matrix_per_${per}.png`);
        assert.deepEqual([...image.slice(0, 8)], [137, 80, 78, 71, 13, 10, 26, 10]);
        assert.ok(image.length > 5_000, "a drawing");
        const report = new TextDecoder().decode(
          await read(`classification_report_per_${per}.txt`),
        );
        assert.match(report, per === "tweet" ? /accuracy +0\.500 +4\n/ : /accuracy +0\.400 +5\n/);
      }

      const { dataset } = run;
      assert.equal(dataset.name, "gold");
      assert.match(dataset.digest, /^[0-9a-f]{8}$/);
      assert.equal(dataset.uri, session.lake.folder);
      assert.deepEqual(dataset.source, { uri: session.lake.folder, table: "gold", version: gold });
      assert.equal(dataset.columns.mention, "string");
      assert.equal(dataset.columns.timestamp, "datetime");
      assert.equal(dataset.columns.predicted_score, "double");
      assert.equal(dataset.columns.sentiment_id, "integer");
      assert.deepEqual(dataset.profile, { num_rows: 6, num_elements: 60, num_tweets: 5 });
      assert.deepEqual(dataset.context, { "mlflow.data.context": "evaluation" });

      assert.equal(laterRun.params.neutral_as, "negative");
      assert.equal(later.metrics.recall, later.metrics.recall_per_tweet_neutral_as_negative);
      assert.notEqual(laterRun.dataset.digest, dataset.digest, "other rows");
      assert.deepEqual(again.metrics, metrics, "time travel");
      assert.equal(againRun.params.gold_version, String(gold));
      assert.equal(againRun.dataset.digest, dataset.digest, "the same rows");

      const file = join(folder, "labelled.tsv");
      await Deno.writeTextFile(file, "1\tnegative\txyz\n2\tpositive\txyz\n");
      const { scorer } = fakeScorer();
      const evaluation = await evaluateTexts(scorer, readLabelledTexts(file));
      const ofFile = await logTextEvaluation({
        mlflow,
        scorer: scorer.describe(),
        file,
        evaluation,
      });
      const [fileRun] = await readRuns(server.uri, [ofFile.runId], join(folder, "downloaded"));
      assert.deepEqual(fileRun.params, {
        scored_by: "models:/O'Neill/3",
        provider: "cpu",
        model_file: "model_int8.onnx",
        model_sha256: "0123456789abcdef",
        data: "labelled.tsv",
      });
      assert.deepEqual(fileRun.metrics, evaluation.metrics);
      assert.equal(fileRun.dataset.name, "labelled.tsv");
      assert.match(fileRun.dataset.digest, /^[0-9a-f]{8}$/);
      const artifacts = [...Deno.readDirSync(fileRun.folder)].map(({ name }) => name).sort();
      assert.deepEqual(artifacts, [
        "calibration.png",
        "classification_report.txt",
        "confusion_matrix.png",
      ]);

      const compared = await compareRuns(mlflow);
      assert.deepEqual(
        compared.map((
          { model, data, accuracy, macro_recall },
        ) => [model, data, accuracy, macro_recall]),
        [
          ["models:/O'Neill/3", "labelled.tsv", 0.5, 0.5],
          ["models:/HF_TWEET_SENTIMENT/3", `gold at version ${gold}`, metrics.accuracy, null],
          [
            "models:/HF_TWEET_SENTIMENT/3",
            `gold at version ${gold + 1}`,
            later.metrics.accuracy,
            null,
          ],
          ["models:/HF_TWEET_SENTIMENT/3", `gold at version ${gold}`, metrics.accuracy, null],
        ],
      );
      assert.deepEqual(Object.keys(compared[0]).slice(5), [
        "precision",
        "recall",
        "f1",
        "accuracy",
        "macro_recall",
        "expected_calibration_error",
      ]);
      const failed = await mlflow.createRun(await mlflow.getOrCreateExperiment("birdsong"), "x");
      await mlflow.finishRun(failed.runId, "FAILED");
      const [newest, ...others] = await compareRuns(mlflow, {
        metrics: ["nothing", "constructor"],
        maxRuns: 1,
      });
      assert.equal(newest.data, "labelled.tsv", "the newest one that has not failed");
      assert.deepEqual(others, []);
      assert.equal(Object.keys(newest).length, 5, "no figure has these names");
    } finally {
      await stopMlflowServer(join(folder, "mlflow"));
    }
  });
});
