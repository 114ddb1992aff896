import { Tokenizer } from "@huggingface/tokenizers";
import { env, InferenceSession, Tensor } from "onnxruntime-node";
import { join } from "node:path";
import { BirdsongError } from "../errors.ts";
import { type ModelFolder, readJson, readTokenizerConfig } from "./model_folder.ts";
import { prepareText } from "./prepare.ts";
import type { Provider } from "./providers.ts";
import { labels } from "./sentiment.ts";

/** What a classifier is opened with; plain data, so that it can be sent to a worker. */
export interface ClassifierOptions {
  model: ModelFolder;
  /** The model file in the folder, such as `onnx/model_int8.onnx`. */
  modelFile: string;
  provider: Provider;
  /** Texts that go through the network together. */
  batch: number;
}

/** A tokenizer and an ONNX session with one thread, in the thread that opened it. */
export class Classifier {
  readonly #options: ClassifierOptions;
  readonly #tokenizer: Tokenizer;
  readonly #session: InferenceSession;

  private constructor(
    options: ClassifierOptions,
    tokenizer: Tokenizer,
    session: InferenceSession,
  ) {
    this.#options = options;
    this.#tokenizer = tokenizer;
    this.#session = session;
  }

  /** Loads the model. Fails with ONNX Runtime's error where the provider cannot be used. */
  static async open(options: ClassifierOptions): Promise<Classifier> {
    const { model: { folder }, modelFile, provider } = options;
    // Only the vocabulary and the rules are used: a request for fixed padding has no effect.
    const tokenizer = new Tokenizer(
      readJson(folder, "tokenizer.json"),
      readTokenizerConfig(folder),
    );
    env.logLevel = "fatal"; // a failure is thrown; nothing has to be printed as well
    const session = await InferenceSession.create(join(folder, modelFile), {
      executionProviders: [provider],
      // The pool has one worker per processor: more threads would take them from each other.
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
    });
    return new Classifier(options, tokenizer, session);
  }

  /**
   * The probabilities of the three classes for every text: negative, neutral, positive of the first
   * text, then of the second, and so on. A text of which preparation leaves nothing is neutral with
   * probability 1: it says nothing, so the model is not asked.
   */
  async classify(texts: readonly string[]): Promise<Float64Array> {
    const result = new Float64Array(texts.length * labels.length);
    const encoded: { row: number; ids: number[] }[] = [];
    texts.forEach((text, row) => {
      const prepared = prepareText(text);
      if (prepared === "") result[row * labels.length + labels.indexOf("neutral")] = 1;
      else encoded.push({ row, ids: this.#encode(prepared) });
    });
    encoded.sort((a, b) => a.ids.length - b.ids.length); // neighbours need little padding

    const { batch, model } = this.#options;
    for (let start = 0; start < encoded.length; start += batch) {
      const some = encoded.slice(start, start + batch);
      const logits = await this.#run(some.map(({ ids }) => ids));
      some.forEach(({ row }, i) => {
        const width = model.labels.length;
        softmax(logits.subarray(i * width, (i + 1) * width)).forEach((probability, output) => {
          result[row * labels.length + labels.indexOf(model.labels[output])] = probability;
        });
      });
    }
    return result;
  }

  /** Frees the session. */
  async release(): Promise<void> {
    await this.#session.release();
  }

  #encode(text: string): number[] {
    const { ids } = this.#tokenizer.encode(text);
    const { maxTokens } = this.#options.model;
    // The last token closes the text ([SEP], </s>), and the model expects it at the end.
    return ids.length <= maxTokens ? ids : [...ids.slice(0, maxTokens - 1), ids[ids.length - 1]];
  }

  async #run(batch: number[][]): Promise<Float32Array> {
    const { labels, padTokenId } = this.#options.model;
    const length = Math.max(...batch.map((ids) => ids.length));
    const tokens = new BigInt64Array(batch.length * length).fill(BigInt(padTokenId));
    const mask = new BigInt64Array(batch.length * length);
    batch.forEach((ids, row) =>
      ids.forEach((id, column) => {
        tokens[row * length + column] = BigInt(id);
        mask[row * length + column] = 1n;
      })
    );
    const inputs: Record<string, BigInt64Array> = {
      input_ids: tokens,
      attention_mask: mask,
      token_type_ids: new BigInt64Array(tokens.length),
    };
    const feeds: Record<string, Tensor> = {};
    for (const name of this.#session.inputNames) {
      if (!(name in inputs)) throw this.#unusable(`wants an input "${name}"`);
      feeds[name] = new Tensor("int64", inputs[name], [batch.length, length]);
    }
    const { data, dims } = (await this.#session.run(feeds))[this.#session.outputNames[0]];
    if (!(data instanceof Float32Array) || dims.join() !== `${batch.length},${labels.length}`) {
      throw this.#unusable(
        `gives numbers of shape [${dims}] where float32 [${batch.length},${labels.length}] was expected`,
      );
    }
    return data;
  }

  #unusable(what: string): BirdsongError {
    const file = join(this.#options.model.folder, this.#options.modelFile);
    return new BirdsongError(`${file} is no text classifier that can be used: it ${what}`, {
      context: { file },
    });
  }
}

function softmax(logits: Float32Array): number[] {
  const largest = Math.max(...logits);
  const powers = Array.from(logits, (logit) => Math.exp(logit - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}
