import { findModel } from "../../lib/sentiment/find_model.ts";
import { openScorer } from "../../lib/sentiment/open_scorer.ts";
import { providerNames } from "../../lib/sentiment/providers.ts";
import { scoreCacheFolder } from "../../lib/sentiment/score_cache.ts";
import type { Scorer } from "../../lib/sentiment/scorer.ts";
import type { Settings } from "../../lib/settings.ts";
import type { Arguments, Option } from "./command.ts";
import { modelArgument, modelOption } from "./model_argument.ts";
import { providerArgument } from "./provider_argument.ts";

/** The options of a command that scores. */
export const modelOptions = {
  model: modelOption,
  provider: { value: "NAME", help: `one of ${providerNames.join(", ")} (BIRDSONG_PROVIDER)` },
} satisfies Record<string, Option>;

/** The settings, with what the command line says of model and provider. */
export function modelSettings(settings: Settings, options: Arguments["options"]): Settings {
  return {
    ...settings,
    model: options.model ? modelArgument(options.model) : settings.model,
    provider: options.provider ? providerArgument(options.provider) : settings.provider,
  };
}

/**
 * Opens the model that the settings name, from wherever it is. Close the scorer after use.
 *
 * @param workers Threads on the CPU. @default one per processor
 */
export async function openModelScorer(
  settings: Settings,
  log: (line: string) => void,
  workers?: number,
): Promise<Scorer> {
  const { folder, name } = await findModel(settings, log);
  const cache = scoreCacheFolder(settings);
  return await openScorer({
    model: folder,
    name,
    provider: settings.provider,
    workers,
    cache,
    log,
  });
}
