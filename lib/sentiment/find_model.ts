import { join, relative } from "node:path";
import { downloadModel } from "../hub/download_model.ts";
import { hubOfEnvironment } from "../hub/hub.ts";
import { loadModel } from "../mlflow/load_model.ts";
import { openMlflow } from "../mlflow/open_mlflow.ts";
import { projectPath, projectRoot } from "../paths.ts";
import type { Settings } from "../settings.ts";
import { filesFor } from "./hub_files.ts";
import { parseModelName } from "./model_name.ts";

/** A model on this machine. */
export interface FoundModel {
  /** In Hugging Face layout. */
  folder: string;
  /** What it is called exactly: `models:/NAME/3`, `owner/name@commit`, or its folder. */
  name: string;
}

/** What {@linkcode findModel} needs of the settings. */
export type FindModelSettings = Pick<
  Settings,
  "model" | "provider" | "mlflow" | "mlflowPort" | "mlflowUri"
>;

/**
 * Brings the model that the settings name to this machine: a folder, a URI of MLflow's registry
 * (`models:/NAME@alias`), or a name on the Hugging Face hub (`owner/name`). Downloads are kept in
 * `output/models`.
 *
 * @example
 * const { folder } = await findModel({ ...settings, model: "owner/name" });
 * const scorer = await openScorer({ model: folder });
 *
 * @throws {BirdsongError} when registry or hub have no such model, or cannot be reached.
 */
export async function findModel(
  settings: FindModelSettings,
  onProgress?: (message: string) => void,
): Promise<FoundModel> {
  const cacheFolder = projectPath("output/models");
  const name = parseModelName(settings.model, projectRoot);
  if (name.kind === "folder") {
    const inside = relative(projectRoot, name.folder);
    return { folder: name.folder, name: inside.startsWith("..") ? name.folder : inside };
  }
  if (name.kind === "registry") {
    const client = await openMlflow(settings, onProgress);
    const model = await loadModel({ client, uri: name.uri, cacheFolder, onProgress });
    return { folder: model.folder, name: `models:/${model.name}/${model.version}` };
  }
  const { provider } = settings;
  const model = await downloadModel({
    hub: hubOfEnvironment(),
    name: name.name,
    revision: name.revision,
    // A file for GPUs is fetched for those who ask for one.
    choose: (model) => filesFor(provider === "auto" ? "cpu" : provider, model),
    cacheFolder: join(cacheFolder, "hub"),
    onProgress,
  });
  return { folder: model.folder, name: `${model.name}@${model.commit.slice(0, 12)}` };
}
