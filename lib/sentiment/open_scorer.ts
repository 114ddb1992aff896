import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { BirdsongError, messageOf } from "../errors.ts";
import { hashFile } from "../hash_file.ts";
import { type ModelFolder, readModelFolder } from "./model_folder.ts";
import { hashModel } from "./model_hash.ts";
import { type Provider, providerNames, providers } from "./providers.ts";
import { ScoreCache } from "./score_cache.ts";
import { type Refusal, Scorer } from "./scorer.ts";
import { WorkerPool } from "./worker_pool.ts";

/** Options of {@linkcode openScorer}. */
export interface ScorerOptions {
  /** Folder of the model, in Hugging Face layout. */
  model: string;
  /** What the model is called where its scores are recorded. @default the folder */
  name?: string;
  /** ONNX Runtime execution provider; `auto` takes the first of cuda, webgpu, cpu that works. */
  provider?: Provider | "auto";
  /** Worker threads on the CPU. @default one per processor */
  workers?: number;
  /** Folder of the score cache: what a model has said of a text is not asked again. @default none */
  cache?: string;
  /** Receives one line per provider that `auto` passed over. @default console.warn */
  log?: (line: string) => void;
}

const explained = new Set<string>();

/**
 * Loads a sentiment model into worker threads.
 *
 * @example
 * const scorer = await openScorer({ model: "data/model" });
 * const [first] = await scorer.score(["what a lovely day"]); // { label: "positive", score: 0.9, ... }
 * await scorer.close();
 *
 * @throws {BirdsongError} when the folder is incomplete, or no provider (or not the one asked for)
 * can be used; with every reason.
 */
export async function openScorer(options: ScorerOptions): Promise<Scorer> {
  const { provider = "auto", workers = availableParallelism(), log = console.warn } = options;
  if (!Number.isInteger(workers) || workers < 1) {
    throw new BirdsongError(`workers must be a whole number of at least 1, but is ${workers}`);
  }
  if (!providerNames.includes(provider)) {
    const allowed = providerNames.join(", ");
    throw new BirdsongError(`provider must be one of ${allowed}, but is "${provider}"`);
  }
  const wanted = provider === "auto" ? Object.keys(providers) as Provider[] : [provider];
  const model = readModelFolder(resolve(options.model));

  const refusals: Refusal[] = [];
  for (const candidate of wanted) {
    try {
      return await openWith(candidate, model, { ...options, workers, log }, refusals);
    } catch (error) {
      const refusal = { provider: candidate, reason: oneLine(messageOf(error)) };
      refusals.push(refusal);
      if (provider === "auto" && candidate !== wanted.at(-1)) explainOnce(refusal, model, log);
      else if (wanted.length === 1) throw forcedError(refusal, error);
    }
  }
  const reasons = refusals.map(({ provider, reason }) => `${provider}: ${reason}`).join("; ");
  throw new BirdsongError(`no execution provider can run the model in ${model.folder}: ${reasons}`);
}

async function openWith(
  provider: Provider,
  model: ModelFolder,
  options: ScorerOptions & Required<Pick<ScorerOptions, "workers" | "log">>,
  refusals: Refusal[],
): Promise<Scorer> {
  const { modelFiles, workers = options.workers, chunkCharacters, batchTokens, exact } =
    providers[provider];
  const modelFile = modelFiles.find((file) => existsSync(join(model.folder, file)));
  if (modelFile === undefined) {
    throw new BirdsongError(`the model ${model.folder} has no ${modelFiles.join(" and no ")}`);
  }
  const path = join(model.folder, modelFile);
  // Whatever of this can fail comes before the threads, which somebody would have to end.
  const sha256 = await hashFile(path);
  const cacheFile = options.cache && await cacheFileOf(options.cache, provider, model, modelFile);
  const pool = await WorkerPool.open({ model, modelFile, provider, batchTokens, exact }, workers);
  return new Scorer({
    pool,
    chunkCharacters,
    cache: cacheFile ? await ScoreCache.open(cacheFile, options.log) : undefined,
    description: {
      model: options.name ?? options.model,
      provider,
      folder: model.folder,
      modelFile: path,
      sha256,
      workers,
      batches: pool.batches,
      labels: model.labels,
      maxTokens: model.maxTokens,
      refusals,
    },
  });
}

/** One file a model and provider: providers differ in the last digits. */
async function cacheFileOf(
  cache: string,
  provider: Provider,
  { folder }: ModelFolder,
  modelFile: string,
): Promise<string> {
  const hash = await hashModel(folder, modelFile);
  return join(cache, `${hash.slice(0, 16)}-${provider}.sqlite`);
}

function explainOnce(refusal: Refusal, model: ModelFolder, log: (line: string) => void): void {
  const key = `${refusal.provider} ${model.folder}`;
  if (explained.has(key)) return;
  explained.add(key);
  log(`execution provider ${refusal.provider} is not used: ${refusal.reason}`);
}

function forcedError({ provider, reason }: Refusal, cause: unknown): BirdsongError {
  const advice = provider === "cpu"
    ? ""
    : `. It needs ${providers[provider].needs}; provider "auto" falls back to the CPU`;
  return new BirdsongError(`execution provider ${provider} cannot be used: ${reason}${advice}`, {
    cause,
    context: { provider },
  });
}

// ONNX Runtime puts the place in its own source before some reasons.
function oneLine(message: string): string {
  return message.trim().split("\n")[0].replace(/^\/onnxruntime_src\/.* was false\. /, "");
}
