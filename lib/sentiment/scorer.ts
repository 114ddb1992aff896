import { BirdsongError } from "../errors.ts";
import type { Provider } from "./providers.ts";
import { type Label, labels, type Sentiment, sentimentOf } from "./sentiment.ts";
import type { WorkerPool } from "./worker_pool.ts";

/** What a scorer runs on. */
export interface ScorerDescription {
  provider: Provider;
  /** Absolute path of the ONNX file. */
  modelFile: string;
  /** Worker threads. */
  workers: number;
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

/** Options of {@linkcode Scorer.score}. */
export interface ScoreOptions {
  /** Called as texts are done, out of `total`; duplicates count. */
  onProgress?: (done: number, total: number) => void;
  /** Stops the call within a few texts; it throws the signal's reason. */
  signal?: AbortSignal;
}

/** Scores texts in worker threads; {@linkcode openScorer} makes one. */
export class Scorer {
  readonly #pool: WorkerPool;
  readonly #chunk: number;
  readonly #description: ScorerDescription;

  /** @param chunk Texts that one worker takes at a time. */
  constructor(pool: WorkerPool, chunk: number, description: ScorerDescription) {
    this.#pool = pool;
    this.#chunk = chunk;
    this.#description = description;
  }

  /**
   * The sentiment of every text, in the order of the texts. Equal texts are scored once. A text that
   * says nothing (empty, only whitespace) is neutral with probability 1.
   *
   * @throws {BirdsongError} when a text is no string, a worker fails, or the scorer is closed. After
   * a failure the scorer can be used again.
   */
  async score(texts: readonly string[], options: ScoreOptions = {}): Promise<Sentiment[]> {
    const { onProgress, signal } = options;
    signal?.throwIfAborted();

    const positions = new Map<string, number[]>();
    texts.forEach((text, position) => {
      if (typeof text !== "string") {
        throw new BirdsongError(
          `text ${position} to score must be a string, but is ${typeof text}`,
        );
      }
      const known = positions.get(text);
      if (known) known.push(position);
      else positions.set(text, [position]);
    });
    // Long texts first, so that the workers finish together; equal lengths need little padding.
    const distinct = [...positions.keys()].sort((a, b) => b.length - a.length);
    const chunks: string[][] = [];
    for (let start = 0; start < distinct.length; start += this.#chunk) {
      chunks.push(distinct.slice(start, start + this.#chunk));
    }

    const sentiments = new Array<Sentiment>(texts.length);
    let done = 0;
    await this.#pool.classify(chunks, (chunk, probabilities) => {
      chunks[chunk].forEach((text, i) => {
        const [negative, neutral, positive] = probabilities.subarray(i * labels.length);
        const sentiment = sentimentOf(negative, neutral, positive);
        for (const position of positions.get(text)!) {
          sentiments[position] = sentiment;
          done++;
        }
      });
      onProgress?.(done, texts.length);
    }, signal);
    return sentiments;
  }

  /** What this scorer runs on, and why on nothing better. */
  describe(): ScorerDescription {
    return this.#description;
  }

  /** Ends the worker threads within a few texts; calls under way fail. */
  async close(): Promise<void> {
    await this.#pool.close();
  }
}
