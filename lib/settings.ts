import process from "node:process";
import { BirdsongError } from "./errors.ts";
import { parseValue } from "./parse_value.ts";
import { type NeutralAs, neutralAsValues } from "./evaluation/metrics.ts";
import { parseCatalog, parseStorage } from "./lakehouse/location.ts";
import { projectPath } from "./paths.ts";
import { type Provider, providerNames } from "./sentiment/providers.ts";
import * as parse from "./setting_values.ts";
import { defaultLimits } from "./streaming/default_limits.ts";

/** Every parameter of the project, with its value. Paths are absolute. */
export interface Settings {
  /** What runs the streams: `embedded` is DuckDB in this process, `sc://host:15002` a Spark cluster. */
  engine: string;
  /** Database of the tables on a Spark cluster. */
  sparkDatabase: string;
  /** Address of the Spark application's own page; null takes the server's host and the port it names. */
  sparkUi: string | null;
  /** Folder with the tweets' JSON files. */
  source: string;
  /** Folder of the DuckLake tables (catalog and Parquet files). */
  lake: string;
  /** PostgreSQL database of the lake's catalog; null keeps it in the lake's folder. */
  catalog: string | null;
  /** Object storage of the tables' files; null keeps them in the lake's folder. */
  storage: string | null;
  /** Folder of the MLflow server's database and artifacts. */
  mlflow: string;
  /** Port for the MLflow server when it has to be started; null takes 5000 or the next free one. */
  mlflowPort: number | null;
  /** Address of an MLflow server that someone else runs; null uses the project's own. */
  mlflowUri: string | null;
  /** Model in Hugging Face layout: a folder, `models:/NAME@alias` of MLflow, or `owner/name` of the hub. */
  model: string;
  /** Model of the registry that the notebooks and the daily job score with. */
  modelUri: string;
  /** ONNX Runtime execution provider: `auto` tries cuda, webgpu, cpu in this order. */
  provider: "auto" | Provider;
  /** Keep what a model says of a text in `output/scores`, and do not ask it again. */
  scoreCache: boolean;
  /** Files that one batch of `bronze_stream` takes at most. */
  maxFilesPerTrigger: number;
  /** Rows that one batch of a table stream takes at most. */
  maxRowsPerTrigger: number;
  /** Drop the streams' tables and checkpoints first, and start from the first file. */
  clearPreviousRun: boolean;
  /** Let 10_clean_up stop the streams that still run, in whatever kernel. */
  stopStreams: boolean;
  /** Let 10_clean_up compact the tables' files. */
  optimizeTables: boolean;
  /** Keep the charts of 09_application fresh while streams run. */
  loopApplication: boolean;
  /** Pause between two batches of streams that run side by side, such as `1 second`. */
  processingTime: string;
  /** What a neutral tweet counts as in two-class metrics. */
  neutralAs: NeutralAs;
  /** Seconds between two looks at running streams, at most 10. */
  monitorInterval: number;
}

interface Definition<T> {
  environment: string;
  default: T;
  /** One of `setting_values.ts`, or of the part of the library that the setting is about. */
  parse(text: string): T;
  meaning: string;
}

/** Every parameter once: its environment variable, default and meaning. */
export const settingDefinitions: { [K in keyof Settings]: Definition<Settings[K]> } = {
  engine: {
    environment: "BIRDSONG_ENGINE",
    default: "embedded",
    parse: parse.engine,
    meaning:
      "what runs the streams: embedded (DuckDB in this process) or a Spark cluster, sc://host",
  },
  sparkDatabase: {
    environment: "BIRDSONG_SPARK_DATABASE",
    default: "birdsong",
    parse: parse.databaseName,
    meaning: "database of the tables on a Spark cluster, made where there is none",
  },
  sparkUi: {
    environment: "BIRDSONG_SPARK_UI",
    default: null,
    parse: parse.httpAddress,
    meaning: "address of the Spark application's page; by default the server's host and its port",
  },
  source: {
    environment: "BIRDSONG_SOURCE",
    default: projectPath("data/tweets"),
    parse: parse.folder,
    meaning: "folder with the tweets' JSON files",
  },
  lake: {
    environment: "BIRDSONG_LAKE",
    default: projectPath("output/lake"),
    parse: parse.folder,
    meaning: "folder of the DuckLake tables",
  },
  catalog: {
    environment: "BIRDSONG_CATALOG",
    default: null,
    parse: parseCatalog,
    meaning: "database of the lake's catalog, such as postgres:dbname=birdsong",
  },
  storage: {
    environment: "BIRDSONG_STORAGE",
    default: null,
    parse: parseStorage,
    meaning: "object storage of the tables' files, such as s3://bucket/prefix",
  },
  mlflow: {
    environment: "BIRDSONG_MLFLOW",
    default: projectPath("output/mlflow"),
    parse: parse.folder,
    meaning: "folder of the MLflow server's database and artifacts",
  },
  mlflowPort: {
    environment: "BIRDSONG_MLFLOW_PORT",
    default: null,
    parse: parse.port,
    meaning: "port of the MLflow server; by default 5000 or the next free one",
  },
  mlflowUri: {
    // The name that MLflow's own clients read.
    environment: "MLFLOW_TRACKING_URI",
    default: null,
    parse: parse.httpAddress,
    meaning: "address of an MLflow server to use instead of the project's own",
  },
  model: {
    environment: "BIRDSONG_MODEL",
    default: projectPath("data/model"),
    parse: parse.modelName,
    meaning: "model: a folder, models:/NAME@alias of MLflow, or owner/name of the Hugging Face hub",
  },
  modelUri: {
    environment: "BIRDSONG_MODEL_URI",
    default: "models:/HF_TWEET_SENTIMENT@production",
    parse: parse.registryModel,
    meaning: "model of the MLflow registry that the notebooks and the daily job score with",
  },
  provider: {
    environment: "BIRDSONG_PROVIDER",
    default: "auto",
    parse: parse.oneOf(providerNames),
    meaning: "ONNX Runtime execution provider; auto tries cuda, webgpu, cpu",
  },
  scoreCache: {
    environment: "BIRDSONG_SCORE_CACHE",
    default: true,
    parse: parse.trueOrFalse,
    meaning: "keep what a model says of a text in output/scores, and do not ask it again",
  },
  maxFilesPerTrigger: {
    environment: "BIRDSONG_MAX_FILES_PER_TRIGGER",
    default: defaultLimits.maxFilesPerTrigger,
    parse: parse.positiveInteger,
    meaning: "files that one batch of bronze_stream takes at most",
  },
  maxRowsPerTrigger: {
    environment: "BIRDSONG_MAX_ROWS_PER_TRIGGER",
    default: defaultLimits.maxRowsPerTrigger,
    parse: parse.positiveInteger,
    meaning: "rows that one batch of a table stream takes at most",
  },
  clearPreviousRun: {
    environment: "BIRDSONG_CLEAR_PREVIOUS_RUN",
    default: false,
    parse: parse.trueOrFalse,
    meaning: "drop tables and checkpoints first, and start from the first file",
  },
  stopStreams: {
    environment: "BIRDSONG_STOP_STREAMS",
    default: true,
    parse: parse.trueOrFalse,
    meaning: "let 10_clean_up stop the streams that still run, in whatever kernel",
  },
  optimizeTables: {
    environment: "BIRDSONG_OPTIMIZE_TABLES",
    default: true,
    parse: parse.trueOrFalse,
    meaning: "let 10_clean_up compact the tables' files",
  },
  loopApplication: {
    environment: "BIRDSONG_LOOP_APPLICATION",
    default: false,
    parse: parse.trueOrFalse,
    meaning: "keep the charts of 09_application fresh while streams run",
  },
  processingTime: {
    environment: "BIRDSONG_PROCESSING_TIME",
    default: "1 second",
    parse: parse.interval,
    meaning: "pause between two batches of streams that run side by side",
  },
  neutralAs: {
    environment: "BIRDSONG_NEUTRAL_AS",
    default: "exclude",
    parse: parse.oneOf(neutralAsValues),
    meaning: "what a neutral tweet counts as in two-class metrics",
  },
  monitorInterval: {
    environment: "BIRDSONG_MONITOR_INTERVAL",
    default: 1,
    parse: parse.secondsUpToTen,
    meaning: "seconds between two looks at running streams, at most 10",
  },
};

/**
 * The settings in force. An environment variable wins over `inCell`, which wins over the default:
 * a person edits the cell, a headless run sets the environment.
 *
 * @param inCell What the notebook's parameter cell sets; relative paths are relative to the project.
 * @throws {BirdsongError} naming the environment variable, or the cell's setting, whose value does
 *   not parse.
 */
export function parameters(inCell: Partial<Settings> = {}): Settings {
  // Deno's kernel does not check the types of a cell.
  for (const name of Object.keys(inCell)) {
    if (Object.hasOwn(settingDefinitions, name)) continue;
    throw new BirdsongError(
      `there is no setting "${name}"; there are: ${Object.keys(settingDefinitions).join(", ")}`,
      { context: { setting: name } },
    );
  }
  const result: Record<string, unknown> = {};
  for (const [name, definition] of Object.entries(settingDefinitions)) {
    const { environment } = definition;
    const fromEnvironment = process.env[environment];
    const fromCell = String(inCell[name as keyof Settings] ?? "");
    if (fromEnvironment) result[name] = valueOf(definition, environment, fromEnvironment);
    else if (fromCell) result[name] = valueOf(definition, `${name} in the cell`, fromCell);
    else result[name] = definition.default;
  }
  return result as unknown as Settings;
}

function valueOf(
  { parse, environment }: Definition<unknown>,
  where: string,
  text: string,
): unknown {
  return parseValue(where, text, parse, { setting: environment });
}
