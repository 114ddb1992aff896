import { BirdsongError } from "../errors.ts";
import { chunksOf } from "./chunks.ts";
import { prepareText } from "./prepare.ts";
import type { Provider } from "./providers.ts";
import type { Probabilities, ScoreCache } from "./score_cache.ts";
import { type Label, labels, type Sentiment, sentimentOf } from "./sentiment.ts";
import type { WorkerPool } from "./worker_pool.ts";

/** What a scorer runs on. */
export interface ScorerDescription {
  /** What the model is called, such as `models:/HF_TWEET_SENTIMENT/3`. */
  model: string;
  provider: Provider;
  /** Absolute path of the model's folder. */
  folder: string;
  /** Absolute path of the ONNX file. */
  modelFile: string;
  /** SHA-256 of the ONNX file. */
  sha256: string;
  /** Worker threads. */
  workers: number;
  /** Whether texts go through the network together; not with a file whose numbers depend on that. */
  batches: boolean;
  /** The class of each of the model's outputs, in their order. */
  labels: readonly Label[];
  /** Tokens of a text that are looked at. */
  maxTokens: number;
  /** Providers that were tried before this one. */
  refusals: readonly Refusal[];
}

/** Why an execution provider was not used. */
export interface Refusal {
  provider: Provider;
  reason: string;
}

/** What a scorer is made of. */
export interface ScorerParts {
  pool: WorkerPool;
  /** Characters of the texts that one worker takes at a time. */
  chunkCharacters: number;
  /** Where scores are looked up first. */
  cache?: ScoreCache;
  description: ScorerDescription;
}

/** Options of {@linkcode Scorer.score}. */
export interface ScoreOptions {
  /** Called as texts are done, out of `total`; duplicates count. */
  onProgress?: (done: number, total: number) => void;
  /** Stops the call within a second or so; it throws the signal's reason. */
  signal?: AbortSignal;
}

const nothingSaid: Probabilities = [0, 1, 0];

/** Scores texts in worker threads; {@linkcode openScorer} makes one. */
export class Scorer {
  /** Made by {@linkcode openScorer}. */
  constructor(private readonly parts: ScorerParts) {}

  /**
   * The sentiment of every text, in the order of the texts. Texts that are equal to the model
   * ({@linkcode prepareText}) are scored once. A text that says nothing (empty, only whitespace) is
   * neutral with probability 1: the model is not asked.
   *
   * @throws {BirdsongError} when a text is no string, a worker fails, or the scorer is closed. After
   * a failure the scorer can be used again.
   */
  async score(texts: readonly string[], options: ScoreOptions = {}): Promise<Sentiment[]> {
    const { onProgress, signal } = options;
    signal?.throwIfAborted();
    const sentiments = new Array<Sentiment>(texts.length);
    const positions = positionsOf(texts);
    let done = 0;
    const put = (text: string, [negative, neutral, positive]: Probabilities): void => {
      const sentiment = sentimentOf(negative, neutral, positive);
      for (const position of positions.get(text)!) sentiments[position] = sentiment;
      done += positions.get(text)!.length;
    };
    const known = await this.parts.cache?.find([...positions.keys()]) ?? new Map();
    if (positions.has("")) known.set("", nothingSaid);
    for (const [text, probabilities] of known) put(text, probabilities);
    if (known.size > 0) onProgress?.(done, texts.length);

    const unknown = [...positions.keys()].filter((text) => !known.has(text));
    await this.#classify(unknown, signal, (scores) => {
      for (const [text, probabilities] of scores) put(text, probabilities);
      onProgress?.(done, texts.length);
    });
    return sentiments;
  }

  /** What this scorer runs on, and why on nothing better. */
  describe(): ScorerDescription {
    return this.parts.description;
  }

  /** Ends the worker threads within a second or so; calls under way fail. */
  async close(): Promise<void> {
    await this.parts.pool.close();
    await this.parts.cache?.close();
  }

  /** Asks the model; what it has said stays in the cache, also when the call is stopped. */
  async #classify(
    texts: string[],
    signal: AbortSignal | undefined,
    onScores: (scores: Map<string, Probabilities>) => void,
  ): Promise<void> {
    const { pool, cache, chunkCharacters, description } = this.parts;
    const chunks = chunksOf(texts, chunkCharacters, description.workers);
    const fresh = new Map<string, Probabilities>();
    try {
      await pool.classify(chunks, (chunk, probabilities) => {
        const scores = new Map(chunks[chunk].map((text, i) => {
          const [negative, neutral, positive] = probabilities.subarray(i * labels.length);
          return [text, [negative, neutral, positive] as const];
        }));
        for (const [text, probabilities] of scores) fresh.set(text, probabilities);
        onScores(scores);
      }, signal);
    } finally {
      await cache?.add(fresh);
    }
  }
}

/** Where each text stands, by what the model sees of it. */
function positionsOf(texts: readonly string[]): Map<string, number[]> {
  const positions = new Map<string, number[]>();
  texts.forEach((text, position) => {
    if (typeof text !== "string") {
      throw new BirdsongError(`text ${position} to score must be a string, but is ${typeof text}`);
    }
    const prepared = prepareText(text);
    const known = positions.get(prepared);
    if (known) known.push(position);
    else positions.set(prepared, [position]);
  });
  return positions;
}
