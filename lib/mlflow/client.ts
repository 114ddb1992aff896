import { errorCodeOf, requestJson } from "./request.ts";
import { listArtifacts, readArtifact, uploadArtifact } from "./artifacts.ts";
import type { ArtifactFile } from "./artifacts.ts";

/** A run of an experiment. */
export interface MlflowRun {
  runId: string;
  experimentId: string;
  /** Where its artifacts are, such as `mlflow-artifacts:/1/<run id>/artifacts`. */
  artifactUri: string;
}

/** What to write to a run. */
export interface RunData {
  /** Inputs; written once, and shown as text. */
  params?: Record<string, string | number | boolean>;
  /** Figures; writing one again adds a point to its curve. */
  metrics?: Record<string, number>;
  tags?: Record<string, string>;
  /** Position of the metrics on their curves. @default 0 */
  step?: number;
}

/** A model of the registry. */
export interface RegisteredModel {
  name: string;
  /** From alias to version. */
  aliases: Record<string, number>;
}

/** A version of a model of the registry. */
export interface ModelVersion {
  name: string;
  version: number;
  runId: string;
  tags: Record<string, string>;
}

/** A version to add to a registered model. */
export interface NewModelVersion {
  name: string;
  /** Artifact folder of the model, such as `mlflow-artifacts:/1/<run id>/artifacts/model`. */
  source: string;
  runId: string;
  description?: string;
  tags?: Record<string, string>;
}

/** MLflow takes at most this many of each kind in one request. */
const batchSize = 100;

/**
 * MLflow's REST API, as far as the project needs it; methods are named after those of Python's
 * `MlflowClient`. Every method throws what {@linkcode request} throws.
 */
export class MlflowClient {
  /** Address of the server. */
  readonly uri: string;

  constructor(uri: string) {
    this.uri = uri.replace(/\/+$/, "");
  }

  /** The id of the experiment with this name, made if there is none. */
  async getOrCreateExperiment(name: string): Promise<string> {
    try {
      return await this.#experimentId(name);
    } catch (error) {
      if (errorCodeOf(error) !== "RESOURCE_DOES_NOT_EXIST") throw error;
    }
    try {
      return (await this.#post("experiments/create", { name })).experiment_id;
    } catch (error) {
      if (errorCodeOf(error) !== "RESOURCE_ALREADY_EXISTS") throw error;
      return await this.#experimentId(name); // another process was quicker
    }
  }

  /** Starts a run. */
  async createRun(experimentId: string, name: string): Promise<MlflowRun> {
    const { run } = await this.#post("runs/create", {
      experiment_id: experimentId,
      run_name: name,
      start_time: Date.now(),
    });
    const { run_id, experiment_id, artifact_uri } = run.info;
    return { runId: run_id, experimentId: experiment_id, artifactUri: artifact_uri };
  }

  /** Writes params, metrics and tags to a run. */
  async logBatch(runId: string, data: RunData): Promise<void> {
    const timestamp = Date.now();
    const params = pairs(data.params);
    const tags = pairs(data.tags);
    const metrics = Object.entries(data.metrics ?? {})
      // JSON has no word for NaN and infinities; MLflow takes them as text.
      .map(([key, value]) => ({
        key,
        value: Number.isFinite(value) ? value : String(value),
        timestamp,
        step: data.step ?? 0,
      }));
    const most = Math.max(params.length, tags.length, metrics.length);
    for (let from = 0; from < most; from += batchSize) {
      await this.#post("runs/log-batch", {
        run_id: runId,
        params: params.slice(from, from + batchSize),
        tags: tags.slice(from, from + batchSize),
        metrics: metrics.slice(from, from + batchSize),
      });
    }
  }

  /** Ends a run. */
  async finishRun(runId: string, status: "FINISHED" | "FAILED" = "FINISHED"): Promise<void> {
    await this.#post("runs/update", { run_id: runId, status, end_time: Date.now() });
  }

  /** Stores bytes or text as the file `path` of an artifact folder, such as a run's. */
  async logArtifact(artifactUri: string, path: string, data: Uint8Array | string): Promise<void> {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    await uploadArtifact(this.uri, artifactUri, path, bytes);
  }

  /** All files of an artifact folder and its subfolders. */
  async listArtifacts(artifactUri: string): Promise<ArtifactFile[]> {
    return await listArtifacts(this.uri, artifactUri);
  }

  /** The content of the file `path` of an artifact folder. */
  async readArtifact(artifactUri: string, path: string): Promise<Uint8Array> {
    return await readArtifact(this.uri, artifactUri, path);
  }

  /** Adds a model to the registry; one that is there already stays as it is. */
  async createRegisteredModel(name: string): Promise<void> {
    try {
      await this.#post("registered-models/create", { name });
    } catch (error) {
      if (errorCodeOf(error) !== "RESOURCE_ALREADY_EXISTS") throw error;
    }
  }

  /** The model with this name, or null. */
  async getRegisteredModel(name: string): Promise<RegisteredModel | null> {
    const answer = await this.#getOrNull("registered-models/get", { name });
    return answer && registeredModelOf(answer.registered_model);
  }

  /** The names of the registry's models, up to 100 of them. */
  async listRegisteredModels(): Promise<string[]> {
    const answer = await this.#get("registered-models/search", { max_results: "100" });
    return (answer.registered_models ?? []).map((model: { name: string }) => model.name);
  }

  /** Adds a version to a registered model. */
  async createModelVersion(version: NewModelVersion): Promise<ModelVersion> {
    const answer = await this.#post("model-versions/create", {
      name: version.name,
      source: version.source,
      run_id: version.runId,
      description: version.description,
      tags: pairs(version.tags),
    });
    return modelVersionOf(answer.model_version);
  }

  /** One version of a model, or null. */
  async getModelVersion(name: string, version: number): Promise<ModelVersion | null> {
    const answer = await this.#getOrNull("model-versions/get", { name, version: String(version) });
    return answer && modelVersionOf(answer.model_version);
  }

  /** The newest versions of a model, newest first, up to 100 of them. */
  async listModelVersions(name: string): Promise<ModelVersion[]> {
    const quote = name.includes("'") ? '"' : "'"; // the filter language cannot escape them
    const answer = await this.#get("model-versions/search", {
      filter: `name = ${quote}${name}${quote}`,
      order_by: "version_number DESC",
      max_results: "100",
    });
    return (answer.model_versions ?? []).map(modelVersionOf);
  }

  /** The artifact folder of a version. */
  async getModelVersionDownloadUri(name: string, version: number): Promise<string> {
    const query = { name, version: String(version) };
    return (await this.#get("model-versions/get-download-uri", query)).artifact_uri;
  }

  /** Lets an alias of a model point to a version. */
  async setRegisteredModelAlias(name: string, alias: string, version: number): Promise<void> {
    await this.#post("registered-models/alias", { name, alias, version: String(version) });
  }

  async #experimentId(name: string): Promise<string> {
    const answer = await this.#get("experiments/get-by-name", { experiment_name: name });
    return answer.experiment.experiment_id;
  }

  async #getOrNull(endpoint: string, query: Record<string, string>): Promise<Answer | null> {
    try {
      return await this.#get(endpoint, query);
    } catch (error) {
      if (errorCodeOf(error) === "RESOURCE_DOES_NOT_EXIST") return null;
      throw error;
    }
  }

  #get(endpoint: string, query: Record<string, string>): Promise<Answer> {
    return requestJson(this.uri, { path: `/api/2.0/mlflow/${endpoint}`, query });
  }

  #post(endpoint: string, json: unknown): Promise<Answer> {
    return requestJson(this.uri, { path: `/api/2.0/mlflow/${endpoint}`, method: "POST", json });
  }
}

// The JSON of MLflow's REST API, whose shape its documentation gives.
// deno-lint-ignore no-explicit-any
type Answer = any;

function pairs(
  record: Record<string, string | number | boolean> = {},
): { key: string; value: string }[] {
  return Object.entries(record).map(([key, value]) => ({ key, value: String(value) }));
}

function registeredModelOf(answer: Answer): RegisteredModel {
  const aliases = Object.fromEntries(
    (answer.aliases ?? []).map(({ alias, version }: Answer) => [alias, Number(version)]),
  );
  return { name: answer.name, aliases };
}

function modelVersionOf(answer: Answer): ModelVersion {
  const tags = Object.fromEntries(
    (answer.tags ?? []).map(({ key, value }: Answer) => [key, value]),
  );
  return {
    name: answer.name,
    version: Number(answer.version),
    runId: answer.run_id ?? "",
    tags,
  };
}
