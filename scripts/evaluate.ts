import { evaluateTexts, type TextEvaluation } from "../lib/evaluation/evaluate_texts.ts";
import { readLabelledTexts } from "../lib/evaluation/labelled_texts.ts";
import { logTextEvaluation } from "../lib/evaluation/log_text_evaluation.ts";
import { reportText } from "../lib/evaluation/report_text.ts";
import { openMlflow } from "../lib/mlflow/open_mlflow.ts";
import type { ScorerDescription } from "../lib/sentiment/scorer.ts";
import { labels } from "../lib/sentiment/sentiment.ts";
import { parameters } from "../lib/settings.ts";
import { main, pathArgument } from "./command/command.ts";
import { modelOptions, modelSettings, openModelScorer } from "./command/model_scorer.ts";
import { formatTable, printable } from "./command/table.ts";

await main({
  name: "evaluate",
  summary:
    "Scores labelled texts and compares. Every line of --in is id, label and text with tabs\n" +
    "between them; the label is negative, neutral or positive. Mentions are removed first, as\n" +
    "the pipeline does.",
  options: {
    in: { value: "FILE", help: "labelled texts", required: true },
    ...modelOptions,
    log: { help: "log it to MLflow, as a run of the experiment birdsong" },
    json: {
      help: "print JSON; saved as evaluation.json of a model, MLflow shows it with the model",
    },
  },
  async run({ options, switches }) {
    const settings = modelSettings(parameters(), options);
    const file = pathArgument(options.in!);
    const texts = readLabelledTexts(file);
    const log = (line: string) => console.error(`evaluate: ${line}`);
    const scorer = await openModelScorer(settings, log);
    const evaluation = await evaluateTexts(scorer, texts);
    await scorer.close();
    const description = scorer.describe();
    console.log(switches.has("json") ? jsonOf(evaluation, description, file) : textOf(evaluation));
    log(`${description.model} (${description.modelFile}) on ${description.provider}`);
    if (switches.has("log")) {
      const mlflow = await openMlflow(settings, log);
      const run = await logTextEvaluation({ mlflow, scorer: description, file, evaluation });
      log(`logged: ${run.url}`);
    }
  },
});

function textOf({ report, counts, metrics, calibration }: TextEvaluation): string {
  const share = (value: number) => value.toFixed(4);
  const bins = calibration.bins.filter(({ cases }) => cases > 0);
  return [
    reportText(report),
    formatTable(
      ["given \\ predicted", ...labels],
      counts.map((row, i) => [labels[i], ...row.map(String)]),
    ),
    "",
    formatTable(
      ["probability", "texts", "mean", "right"],
      bins.map((bin) => [
        `${bin.from.toFixed(2)} to ${bin.to.toFixed(2)}`,
        String(bin.cases),
        bin.probability.toFixed(3),
        bin.accuracy.toFixed(3),
      ]),
    ),
    "",
    formatTable(["figure", "value"], [
      ["accuracy", share(metrics.accuracy)],
      ["macro-averaged recall", share(metrics.macro_recall)],
      ["expected calibration error", share(metrics.expected_calibration_error)],
    ]),
  ].join("\n");
}

function jsonOf(
  { counts, metrics }: TextEvaluation,
  { model, provider, sha256 }: ScorerDescription,
  file: string,
): string {
  const data = printable(file.split(/[\\/]/).at(-1)!);
  return JSON.stringify({ data, model, provider, sha256, metrics, labels, counts }, null, 2);
}
