import { resolve } from "node:path";
import process from "node:process";
import { BirdsongError, messageOf } from "./errors.ts";
import { parseCatalog, parseStorage } from "./lakehouse/location.ts";
import { parseModelUri } from "./mlflow/model_uri.ts";
import { projectPath, projectRoot } from "./paths.ts";
import { parseConnectionString } from "./spark/client/connection_string.ts";
import { absoluteModelName } from "./sentiment/model_name.ts";
import { intervalOf, intervalRule } from "./streaming/triggers/trigger.ts";

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
  provider: "auto" | "cuda" | "webgpu" | "cpu";
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
  neutralAs: "exclude" | "positive" | "negative";
  /** Seconds between two looks at running streams, at most 10. */
  monitorInterval: number;
}

interface Definition<T> {
  environment: string;
  default: T;
  parse(text: string): T;
  meaning: string;
}

// Without a `/` at the end, so that one folder has one name.
const paths = (text: string) => resolve(projectRoot, text);

/** Every parameter once: its environment variable, default and meaning. */
export const settingDefinitions: { [K in keyof Settings]: Definition<Settings[K]> } = {
  engine: {
    environment: "BIRDSONG_ENGINE",
    default: "embedded",
    parse: engine,
    meaning:
      "what runs the streams: embedded (DuckDB in this process) or a Spark cluster, sc://host",
  },
  sparkDatabase: {
    environment: "BIRDSONG_SPARK_DATABASE",
    default: "birdsong",
    parse: databaseName,
    meaning: "database of the tables on a Spark cluster, made where there is none",
  },
  sparkUi: {
    environment: "BIRDSONG_SPARK_UI",
    default: null,
    parse: httpAddress,
    meaning: "address of the Spark application's page; by default the server's host and its port",
  },
  source: {
    environment: "BIRDSONG_SOURCE",
    default: projectPath("data/tweets"),
    parse: paths,
    meaning: "folder with the tweets' JSON files",
  },
  lake: {
    environment: "BIRDSONG_LAKE",
    default: projectPath("output/lake"),
    parse: paths,
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
    parse: paths,
    meaning: "folder of the MLflow server's database and artifacts",
  },
  mlflowPort: {
    environment: "BIRDSONG_MLFLOW_PORT",
    default: null,
    parse: port,
    meaning: "port of the MLflow server; by default 5000 or the next free one",
  },
  mlflowUri: {
    // The name that MLflow's own clients read.
    environment: "MLFLOW_TRACKING_URI",
    default: null,
    parse: httpAddress,
    meaning: "address of an MLflow server to use instead of the project's own",
  },
  model: {
    environment: "BIRDSONG_MODEL",
    default: projectPath("data/model"),
    parse: modelName,
    meaning: "model: a folder, models:/NAME@alias of MLflow, or owner/name of the Hugging Face hub",
  },
  modelUri: {
    environment: "BIRDSONG_MODEL_URI",
    default: "models:/HF_TWEET_SENTIMENT@production",
    parse: registryModel,
    meaning: "model of the MLflow registry that the notebooks and the daily job score with",
  },
  provider: {
    environment: "BIRDSONG_PROVIDER",
    default: "auto",
    parse: oneOf("auto", "cuda", "webgpu", "cpu"),
    meaning: "ONNX Runtime execution provider; auto tries cuda, webgpu, cpu",
  },
  scoreCache: {
    environment: "BIRDSONG_SCORE_CACHE",
    default: true,
    parse: trueOrFalse,
    meaning: "keep what a model says of a text in output/scores, and do not ask it again",
  },
  maxFilesPerTrigger: {
    environment: "BIRDSONG_MAX_FILES_PER_TRIGGER",
    default: 20_000,
    parse: positiveInteger,
    meaning: "files that one batch of bronze_stream takes at most",
  },
  maxRowsPerTrigger: {
    environment: "BIRDSONG_MAX_ROWS_PER_TRIGGER",
    default: 100_000,
    parse: positiveInteger,
    meaning: "rows that one batch of a table stream takes at most",
  },
  clearPreviousRun: {
    environment: "BIRDSONG_CLEAR_PREVIOUS_RUN",
    default: false,
    parse: trueOrFalse,
    meaning: "drop tables and checkpoints first, and start from the first file",
  },
  stopStreams: {
    environment: "BIRDSONG_STOP_STREAMS",
    default: true,
    parse: trueOrFalse,
    meaning: "let 10_clean_up stop the streams that still run, in whatever kernel",
  },
  optimizeTables: {
    environment: "BIRDSONG_OPTIMIZE_TABLES",
    default: true,
    parse: trueOrFalse,
    meaning: "let 10_clean_up compact the tables' files",
  },
  loopApplication: {
    environment: "BIRDSONG_LOOP_APPLICATION",
    default: false,
    parse: trueOrFalse,
    meaning: "keep the charts of 09_application fresh while streams run",
  },
  processingTime: {
    environment: "BIRDSONG_PROCESSING_TIME",
    default: "1 second",
    parse: interval,
    meaning: "pause between two batches of streams that run side by side",
  },
  neutralAs: {
    environment: "BIRDSONG_NEUTRAL_AS",
    default: "exclude",
    parse: oneOf("exclude", "positive", "negative"),
    meaning: "what a neutral tweet counts as in two-class metrics",
  },
  monitorInterval: {
    environment: "BIRDSONG_MONITOR_INTERVAL",
    default: 1,
    parse: secondsUpToTen,
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

function valueOf(definition: Definition<unknown>, where: string, text: string): unknown {
  try {
    return definition.parse(text);
  } catch (error) {
    if (error instanceof BirdsongError) throw error;
    throw new BirdsongError(`${where} must be ${messageOf(error)}, but is "${text}"`, {
      context: { setting: definition.environment },
    });
  }
}

function engine(text: string): string {
  if (text === "embedded") return text;
  // Settings are shown and recorded, and a text that is no address is repeated in the error.
  if (/(token|authorization)=/i.test(text)) {
    throw new BirdsongError(
      "BIRDSONG_ENGINE must not hold a token: settings are shown. Put it into the environment " +
        "variable SPARK_CONNECT_AUTHENTICATE_TOKEN.",
    );
  }
  if (!text.startsWith("sc://")) {
    throw new Error("embedded, or sc://host:15002 for a Spark cluster");
  }
  parseConnectionString(text);
  return text;
}

function databaseName(text: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(text)) throw new Error("a name of letters, digits and _");
  return text;
}

function positiveInteger(text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text)) throw new Error("a whole number of at least 1");
  return Number(text);
}

function secondsUpToTen(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= 10)) throw new Error("a number of seconds up to 10");
  return seconds;
}

function interval(text: string): string {
  try {
    intervalOf(text);
  } catch {
    throw new Error(intervalRule);
  }
  return text;
}

function modelName(text: string): string {
  try {
    return absoluteModelName(text, projectRoot);
  } catch {
    throw new Error("a folder, models:/NAME@alias, models:/NAME/3 or owner/name of the hub");
  }
}

function registryModel(text: string): string {
  try {
    parseModelUri(text);
  } catch {
    throw new Error("a model of the registry, such as models:/NAME@alias or models:/NAME/3");
  }
  return text;
}

function port(text: string): number {
  const number = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > 65_535) throw new Error("a port number from 1 to 65535");
  return number;
}

/** MLflow's password and the hub's token have variables of their own, which are never shown. */
function httpAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.username || url?.password) {
    throw new BirdsongError(
      `the address of ${url.host} must not hold a user's name or password: settings are ` +
        "shown. MLflow's go into MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD",
    );
  }
  if (!/^https?:$/.test(url?.protocol ?? "")) {
    throw new Error("an address that begins with http:// or https://");
  }
  return text;
}

function trueOrFalse(text: string): boolean {
  if (!/^(true|false|1|0|yes|no)$/i.test(text)) throw new Error("true or false");
  return /^(true|1|yes)$/i.test(text);
}

function oneOf<const T extends string>(...allowed: T[]): (text: string) => T {
  return (text) => {
    if (!allowed.includes(text as T)) throw new Error(`one of ${allowed.join(", ")}`);
    return text as T;
  };
}
