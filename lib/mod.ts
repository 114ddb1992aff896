/**
 * All that notebooks and users import.
 *
 * @module
 */

// Settings and errors
export { parameters, type Settings } from "./settings.ts";
export { projectPath } from "./paths.ts";
export { BirdsongError } from "./errors.ts";
export { describeMachine, type Machine } from "./machine.ts";

// Tables and streams
export { Lakehouse, type LakehouseOptions } from "./lakehouse/lakehouse.ts";
export { history, tableVersion, type TableVersion } from "./lakehouse/history.ts";
export type { Row } from "./lakehouse/row.ts";
export type { Schema } from "./lakehouse/sql_text.ts";
export { Session } from "./streaming/session.ts";
export { clearPreviousRun } from "./streaming/clear.ts";
export { readProgress } from "./streaming/checkpoint.ts";
export type { DataStream, DataStreamReader, DataStreamWriter } from "./streaming/reader.ts";
export type { StreamingQuery } from "./streaming/streaming_query.ts";
export type { StreamingQueryProgress } from "./streaming/progress.ts";
export type { StreamingQueryListener, StreamingQueryManager } from "./streaming/streams.ts";
export type { MicroBatch, Transform } from "./streaming/transform.ts";
export type { Trigger } from "./streaming/trigger.ts";

// The pipeline's tiers
export { bronze, rawTweet } from "./tweets/bronze.ts";
export { silver } from "./tweets/silver.ts";
export { gold } from "./tweets/gold.ts";
export { application, applicationSchema, mergeApplication } from "./tweets/application.ts";
export { startTier, tiers } from "./tweets/pipeline.ts";
export { requireTable } from "./tweets/require_table.ts";
export { cleanText, mentionsOf } from "./tweets/mentions.ts";

// Model
export { openScorer, type ScorerOptions } from "./sentiment/open_scorer.ts";
export type { Scorer } from "./sentiment/scorer.ts";
export type { Sentiment } from "./sentiment/sentiment.ts";
export { MlflowClient } from "./mlflow/client.ts";
export { openMlflow } from "./mlflow/open_mlflow.ts";
export { registerModel } from "./mlflow/registry.ts";
export { loadModel } from "./mlflow/load_model.ts";

// Charts
export * from "./charts/mod.ts";

// In a notebook
export { show } from "./notebook/show.ts";
export type { Displayable, MimeBundle } from "./notebook/mime.ts";
export { type Table, table, type TableOptions } from "./notebook/table.ts";
export { escapeHtml } from "./notebook/escape.ts";
export { type ProgressBar, progressBar } from "./notebook/progress.ts";
export { scoringProgress } from "./notebook/scoring_progress.ts";
export { openSession } from "./notebook/open_session.ts";
export {
  InterruptedError,
  interruptible,
  interruptSignal,
  onInterrupt,
} from "./notebook/interrupt.ts";
