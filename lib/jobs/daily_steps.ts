import { dashboardFile, exportDashboard } from "../dashboard/export.ts";
import { logEvaluation } from "../evaluation/log_evaluation.ts";
import type { MlflowClient } from "../mlflow/client.ts";
import { parseModelUri } from "../mlflow/model_uri.ts";
import { openMlflow } from "../mlflow/open_mlflow.ts";
import { registerModel, resolveModel } from "../mlflow/registry.ts";
import { findModel, type FoundModel } from "../sentiment/find_model.ts";
import { openScorer } from "../sentiment/open_scorer.ts";
import type { Scorer } from "../sentiment/scorer.ts";
import { scoreCacheFolder } from "../sentiment/score_cache.ts";
import type { Settings } from "../settings.ts";
import { checkSourceFolder } from "../streaming/sources/listing.ts";
import type { EngineSession } from "../streaming/engine.ts";
import { startTier, tiers } from "../tweets/pipeline.ts";
import type { JobStep } from "./run_job.ts";

/** The name of the daily job. */
export const dailyJob = "daily_job";

/** What the daily job needs to know besides the settings. */
export interface DailyOptions {
  /** The HTML file that the dashboard is written to. @default {@linkcode dashboardFile} of the lake */
  dashboard?: string;
  /** Told what happens, a line at a time. @default console.log */
  log?: (line: string) => void;
}

/**
 * The steps of the daily job: new tweets from raw files to the application table, the evaluation
 * into MLflow, and the dashboard into a file.
 */
export function dailySteps(
  session: EngineSession,
  settings: Settings,
  options: DailyOptions = {},
): JobStep[] {
  const { dashboard = dashboardFile(settings.lake), log = console.log } = options;
  return [
    { name: "pipeline", run: (signal) => runPipeline(session, settings, { log, signal }) },
    {
      name: "evaluation",
      async run(signal) {
        const mlflow = await openMlflow(settings, log, signal);
        const model = await resolveModel(mlflow, settings.modelUri);
        const { neutralAs } = settings;
        const { url, metrics } = await logEvaluation(session, { mlflow, model, neutralAs });
        log(`evaluation: ${url}`);
        return metrics.rows_compared;
      },
    },
    {
      name: "dashboard",
      async run() {
        const { file, figures } = await exportDashboard(session, dashboard);
        log(`dashboard: ${file}`);
        return figures.counters?.tweets ?? 0;
      },
    },
  ];
}

/** Runs the tiers' streams to their ends with the registry's model. */
async function runPipeline(
  session: EngineSession,
  settings: Settings,
  { log, signal }: { log: (line: string) => void; signal: AbortSignal },
): Promise<number> {
  checkSourceFolder(settings.source);
  const model = await pipelineModel(await openMlflow(settings, log, signal), settings, log);
  // Why a GPU is not used is for notebook 05 to say, not for every morning.
  const quiet = () => {};
  const scorer = await openScorer({
    model: model.folder,
    name: model.name,
    provider: settings.provider,
    cache: scoreCacheFolder(settings),
    log: quiet,
  });
  try {
    return await runTiers(session, scorer, settings, signal);
  } finally {
    await scorer.close();
  }
}

/** Runs one tier's stream after the other; returns how many new lines bronze took. */
export async function runTiers(
  session: EngineSession,
  scorer: Scorer,
  settings: Pick<Settings, "source" | "maxFilesPerTrigger" | "maxRowsPerTrigger">,
  signal: AbortSignal,
): Promise<number> {
  let lines = 0;
  const removeListener = session.streams.addListener({
    onQueryProgress({ name, numInputRows }) {
      if (name === "bronze_stream") lines += numInputRows;
    },
  });
  const stop = () => {
    // What cannot be stopped ends with its own error.
    session.streams.stopAll(signal.reason).catch(() => {});
  };
  signal.addEventListener("abort", stop);
  try {
    for (const tier of tiers) {
      signal.throwIfAborted();
      const query = await startTier[tier]({ ...settings, session, scorer });
      if (signal.aborted) stop(); // before, it could not be stopped yet
      await query.awaitTermination();
    }
  } finally {
    signal.removeEventListener("abort", stop);
    removeListener();
  }
  return lines;
}

/** The registry's model; on the first run, when there is none of its name, the project's own. */
async function pipelineModel(
  client: MlflowClient,
  settings: Settings,
  log: (line: string) => void,
): Promise<FoundModel> {
  const { name, by, value } = parseModelUri(settings.modelUri);
  if (by === "alias" && await client.getRegisteredModel(name) === null) {
    const { folder } = await findModel(settings, log);
    await registerModel({ client, name, folder, alias: value, onProgress: log });
  }
  return await findModel({ ...settings, model: settings.modelUri }, log);
}
