import type { Tokenizer } from "@huggingface/tokenizers";
import { env, InferenceSession, Tensor } from "onnxruntime-node";
import { join } from "node:path";
import { BirdsongError } from "../errors.ts";
import { type ModelFolder, openTokenizer } from "./model_folder.ts";
import type { Provider } from "./providers.ts";
import { labels } from "./sentiment.ts";
import { ThreadState } from "./thread_state.ts";

/** What a classifier is opened with; plain data, so that it can be sent to a worker. */
export interface ClassifierOptions {
  model: ModelFolder;
  /** The model file in the folder, such as `onnx/model_int8.onnx`. */
  modelFile: string;
  provider: Provider;
  /** Tokens that go through the network together, at most; a longer text goes alone. */
  batchTokens: number;
  /** Whether a text must get the same numbers, to the last bit, whatever it goes together with. */
  exact: boolean;
}

/** A tokenizer and an ONNX session with one thread, in the thread that opened it. */
export class Classifier {
  #batches = true;

  private constructor(
    private readonly options: ClassifierOptions,
    private readonly tokenizer: Tokenizer,
    private readonly session: InferenceSession,
    private readonly state: ThreadState,
  ) {}

  /**
   * Loads the model and tries it. Fails with ONNX Runtime's error where the provider cannot be used.
   *
   * @param state Told when this thread is inside ONNX Runtime.
   * @throws {BirdsongError} when the file is no text classifier.
   */
  static async open(options: ClassifierOptions, state = new ThreadState()): Promise<Classifier> {
    const { model: { folder }, modelFile, provider } = options;
    const tokenizer = openTokenizer(folder);
    env.logLevel = "fatal"; // a failure is thrown; nothing has to be printed as well
    const session = await state.inside(() =>
      InferenceSession.create(join(folder, modelFile), {
        executionProviders: [provider],
        // The pool has one worker per processor: more threads would take them from each other.
        intraOpNumThreads: 1,
        interOpNumThreads: 1,
      })
    );
    const classifier = new Classifier(options, tokenizer, session, state);
    classifier.#batches = await classifier.#isBatchInvariant() || !options.exact;
    return classifier;
  }

  /** Whether texts go through the network together. */
  get batches(): boolean {
    return this.#batches;
  }

  /**
   * The probabilities of the three classes for every text, as {@linkcode prepareText} leaves it:
   * negative, neutral, positive of the first text, then of the second, and so on.
   */
  async classify(texts: readonly string[]): Promise<Float64Array> {
    const result = new Float64Array(texts.length * labels.length);
    const encoded = texts.map((text, row) => ({ row, ids: this.#encode(text) }));
    for (const batch of this.#batchesOf(encoded)) {
      const logits = await this.#run(batch.map(({ ids }) => ids));
      const width = this.options.model.labels.length;
      batch.forEach(({ row }, i) => {
        softmax(logits.subarray(i * width, (i + 1) * width)).forEach((probability, output) => {
          const label = labels.indexOf(this.options.model.labels[output]);
          result[row * labels.length + label] = probability;
        });
      });
    }
    return result;
  }

  /** Frees the session. */
  async release(): Promise<void> {
    await this.session.release();
  }

  #encode(text: string): number[] {
    return cut(this.tokenizer.encode(text).ids, this.options.model.maxTokens);
  }

  /** Texts with equally many tokens go together, so that nothing has to be padded. */
  #batchesOf<T extends { ids: number[] }>(encoded: T[]): T[][] {
    if (!this.#batches) return encoded.map((one) => [one]);
    const batches: T[][] = [];
    for (const one of encoded.toSorted((a, b) => a.ids.length - b.ids.length)) {
      const last = batches.at(-1);
      const tokens = one.ids.length;
      const fits = last !== undefined && last[0].ids.length === tokens &&
        (last.length + 1) * tokens <= this.options.batchTokens;
      if (fits) last.push(one);
      else batches.push([one]);
    }
    return batches;
  }

  /**
   * Whether texts get the same numbers together as alone. Dynamic quantization, for one, takes the
   * range of the activations from the whole batch: a text's probabilities then depend on the company.
   */
  async #isBatchInvariant(): Promise<boolean> {
    const { maxTokens } = this.options.model;
    for (const tokens of [7, 24].map((tokens) => Math.min(tokens, maxTokens))) {
      const batch = probes.map((text) => cut(this.#encode(text), tokens))
        .filter(({ length }) => length === tokens);
      const together = await this.#run(batch);
      for (const [row, ids] of batch.entries()) {
        const alone = await this.#run([ids]);
        const same = together.subarray(row * alone.length, (row + 1) * alone.length);
        if (!alone.every((logit, i) => Object.is(logit, same[i]))) return false;
      }
    }
    return true;
  }

  /** The logits of texts with equally many tokens, one row a text. */
  async #run(batch: number[][]): Promise<Float32Array> {
    const { labels } = this.options.model;
    const dims = [batch.length, batch[0].length];
    const tokens = BigInt64Array.from(batch.flat(), BigInt);
    const inputs: Record<string, BigInt64Array> = {
      input_ids: tokens,
      attention_mask: new BigInt64Array(tokens.length).fill(1n),
      token_type_ids: new BigInt64Array(tokens.length),
    };
    const feeds: Record<string, Tensor> = {};
    for (const name of this.session.inputNames) {
      if (!(name in inputs)) throw this.#unusable(`wants an input "${name}"`);
      feeds[name] = new Tensor("int64", inputs[name], dims);
    }
    const { outputNames } = this.session;
    const output = outputNames.includes("logits") ? "logits" : outputNames[0];
    const results = await this.state.inside(() => this.session.run(feeds));
    const { data, dims: found } = results[output];
    if (!(data instanceof Float32Array) || found.join() !== `${batch.length},${labels.length}`) {
      throw this.#unusable(
        `gives numbers of shape [${found}] where float32 [${batch.length},${labels.length}] was expected`,
      );
    }
    // Such as 16-bit numbers give that grew too large.
    if (!data.every(Number.isFinite)) throw this.#unusable("gives numbers that are not finite");
    return data;
  }

  #unusable(what: string): BirdsongError {
    const file = join(this.options.model.folder, this.options.modelFile);
    return new BirdsongError(`${file} is no text classifier that can be used: it ${what}`, {
      context: { file },
    });
  }
}

// Any words, in more tokens than are compared.
const probes = [
  "What a wonderful morning! The train was on time, the coffee was hot, and everybody smiled at me.",
  "worst service ever... waited 2 hours, then they lost my bag. never again, I am so angry and tired :(",
  "The library opens at nine on weekdays and at ten on Saturdays; it stays closed on every holiday.",
  "a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a",
  "LOL!!! 100% agree :) #happy http @user — it's gonna be GREAT, isn't it? yes yes yes yes yes yes",
];

/** At most so many tokens; the last one closes the text ([SEP], </s>), so it stays. */
function cut(ids: number[], most: number): number[] {
  return ids.length <= most ? ids : [...ids.slice(0, most - 1), ids[ids.length - 1]];
}

function softmax(logits: Float32Array): number[] {
  const largest = Math.max(...logits);
  const powers = Array.from(logits, (logit) => Math.exp(logit - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}
