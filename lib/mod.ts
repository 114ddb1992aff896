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
export type { TableVersion } from "./lakehouse/history.ts";
export { optimize, type OptimizeResult } from "./lakehouse/optimize.ts";
export { vacuum, type VacuumOptions, type VacuumResult } from "./lakehouse/vacuum.ts";
export type { TimeTravelOptions } from "./lakehouse/time_travel.ts";
export { profileQuery, type QueryProfile } from "./lakehouse/profile.ts";
export type { Row } from "./lakehouse/row.ts";
export type { Schema } from "./lakehouse/sql_text.ts";
export { Session, type SessionOptions } from "./streaming/session.ts";
export { monitorStreams, type StreamReading } from "./streaming/monitor.ts";
export { readProgress } from "./streaming/checkpoint.ts";
export type { DataStreamReader } from "./streaming/data_stream_reader.ts";
export type { DataStream } from "./streaming/data_stream.ts";
export type { DataStreamWriter } from "./streaming/data_stream_writer.ts";
export type { Clock } from "./streaming/triggers/clock.ts";
export type { StreamingQuery } from "./streaming/streaming_query.ts";
export type { StreamingQueryStatus } from "./streaming/streaming_query_status.ts";
export type { StreamingQueryProgress } from "./streaming/progress.ts";
export type { StreamingQueryManager } from "./streaming/streaming_query_manager.ts";
export type {
  QueryIdleEvent,
  QueryStartedEvent,
  QueryTerminatedEvent,
  StreamingQueryListener,
} from "./streaming/streaming_query_listener.ts";
export {
  type Expectation,
  type ExpectationResult,
  expectationTotals,
} from "./streaming/expectations.ts";
export type { MicroBatch, Transform } from "./streaming/transform.ts";
export type { Trigger } from "./streaming/triggers/trigger.ts";

// On a Spark cluster
export { SparkSession, type SparkSessionOptions } from "./spark/spark_session.ts";
export { measureStages, type QueryStages, type StageMetrics } from "./spark/stage_metrics.ts";
export type {
  EngineDescription,
  EngineQuery,
  EngineSession,
  VacuumSummary,
} from "./streaming/engine.ts";

// The pipeline's tiers
export { bronze, rawTweet } from "./tweets/bronze.ts";
export { silver } from "./tweets/silver.ts";
export { gold } from "./tweets/gold.ts";
export { application, applicationSchema, mergeApplication } from "./tweets/application.ts";
export { startTier, tiers } from "./tweets/pipeline.ts";
export { heldBackFiles, releaseHeldBack } from "./tweets/sample/held_back.ts";
export { ensureSource } from "./tweets/sample/ensure_source.ts";
export { requireTable } from "./tweets/require_table.ts";
export { topMentions } from "./tweets/top_mentions.ts";
export { cleanText, mentionsOf } from "./tweets/mentions.ts";

// Model
export { findModel, type FoundModel } from "./sentiment/find_model.ts";
export { openScorer, type ScorerOptions } from "./sentiment/open_scorer.ts";
export { scoreCacheFolder } from "./sentiment/score_cache.ts";
export type { Scorer } from "./sentiment/scorer.ts";
export type { Sentiment } from "./sentiment/sentiment.ts";
export { MlflowClient } from "./mlflow/client.ts";
export { openMlflow } from "./mlflow/open_mlflow.ts";
export { registerModel } from "./mlflow/registry.ts";
export { loadModel } from "./mlflow/load_model.ts";

// Evaluation
export { type ConfusionCounts, confusionCounts } from "./evaluation/confusion.ts";
export {
  type BinaryMetrics,
  binaryMetrics,
  type ClassificationReport,
  classificationReport,
  type NeutralAs,
  neutralAsValues,
} from "./evaluation/metrics.ts";
export { type Calibration, calibrationOf } from "./evaluation/calibration.ts";
export { goldCalibration } from "./evaluation/gold_calibration.ts";
export { type ComparedRun, compareRuns } from "./evaluation/compare_runs.ts";
export type { Evaluation } from "./evaluation/evaluation_run.ts";
export { logEvaluation, type LogEvaluationOptions } from "./evaluation/log_evaluation.ts";
export { resolveModel } from "./mlflow/registry.ts";

// The daily job and the dashboard
export { dailyJob, type DailyOptions, dailySteps } from "./jobs/daily_steps.ts";
export { type JobStep, runJob, type RunJobOptions } from "./jobs/run_job.ts";
export { jobHistory, type StepRun } from "./jobs/job_history.ts";
export { exportDashboard, type ExportedDashboard } from "./dashboard/export.ts";
export type { DashboardFigures } from "./dashboard/figures.ts";

// Charts
export * from "./charts/mod.ts";

// How optimized a lake is
export { type Laboratory, openLaboratory } from "./doctor/laboratory.ts";
export { measureSpill, type SpillMeasurement, type SpillStep } from "./doctor/spill.ts";
export { measureSkew, type SkewMeasurement } from "./doctor/skew.ts";
export { measureShuffle, type ShuffleMeasurement } from "./doctor/shuffle.ts";
export { measureStorage, type StorageMeasurement } from "./doctor/storage.ts";
export { measureSerialization, type SerializationMeasurement } from "./doctor/serialization.ts";
export { timeOfText } from "./doctor/verdicts/serialization.ts";
export { diagnose, type Measurements } from "./doctor/report.ts";
export type { Finding } from "./doctor/finding.ts";

// In a notebook
import "./notebook/unhandled_rejections.ts";
export { show } from "./notebook/show.ts";
export type { Displayable, MimeBundle } from "./notebook/mime.ts";
export { type Table, table, type TableOptions } from "./notebook/table.ts";
export { type DataFrame, dataFrame } from "./notebook/data_frame.ts";
export { escapeHtml } from "./notebook/escape.ts";
export { type ProgressBar, progressBar } from "./notebook/progress.ts";
export { streamProgress } from "./notebook/stream_progress.ts";
export { scoringProgress } from "./notebook/scoring_progress.ts";
export { type DescribedSetting, describeSettings } from "./notebook/describe_settings.ts";
export { openLake, openSession } from "./notebook/open_session.ts";
export { lastRun, type RunRecord, startRun, startSection } from "./notebook/run_record.ts";
export { type LiveOutput, liveOutput } from "./notebook/live.ts";
export {
  type ActiveStream,
  activeStreams,
  listSource,
  readSourceFile,
  untilStreamIsReady,
} from "./notebook/utilities.ts";
export {
  InterruptedError,
  interruptible,
  interruptSignal,
  onInterrupt,
} from "./notebook/interrupt.ts";

// Exercises
export { check, CheckFailed } from "./teaching/check.ts";
export type { Assertions } from "./teaching/assertions.ts";
export { practice, type PracticeInput } from "./teaching/practice.ts";
