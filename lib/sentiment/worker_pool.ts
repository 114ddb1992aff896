import { BirdsongError } from "../errors.ts";
import { unlessAborted } from "../unless_aborted.ts";
import type { ClassifierOptions } from "./classifier.ts";
import { ClassifierWorker } from "./classifier_worker.ts";

// A worker has its next chunk at hand when it finishes one, even if the main thread is busy then.
const chunksAhead = 2;

/** Some classifiers in threads of their own, which share the work of every call. */
export class WorkerPool {
  readonly #options: ClassifierOptions;
  readonly #file?: string;
  #workers: ClassifierWorker[];
  #batches = false;
  #closed = false;

  private constructor(options: ClassifierOptions, size: number, file?: string) {
    this.#options = options;
    this.#file = file;
    this.#workers = Array.from({ length: size }, () => this.#start());
  }

  /**
   * Starts `size` workers and waits until they have loaded the model.
   *
   * @param file Entry of the threads, in place of the library's own.
   * @throws what the first worker that could not start threw; the others are ended.
   */
  static async open(options: ClassifierOptions, size: number, file?: string): Promise<WorkerPool> {
    const pool = new WorkerPool(options, size, file);
    try {
      await pool.#ready();
    } catch (error) {
      await pool.close();
      throw error;
    }
    return pool;
  }

  /** Whether texts go through the network together; see {@linkcode Classifier.batches}. */
  get batches(): boolean {
    return this.#batches;
  }

  /**
   * Classifies chunks of texts, each by the worker that is free first.
   *
   * @param onChunk Called with the number of a chunk and its probabilities, in any order.
   * @throws the abort reason at once (the workers finish the chunks they have, for nobody), or the
   * first error of a worker. The next call starts anew the workers that have ended.
   */
  async classify(
    chunks: readonly (readonly string[])[],
    onChunk: (chunk: number, probabilities: Float64Array) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    if (this.#closed) throw closedError();
    this.#workers = this.#workers.map((worker) => worker.alive ? worker : this.#start());
    await this.#ready();

    let next = 0;
    const takeChunks = async (worker: ClassifierWorker): Promise<void> => {
      try {
        while (next < chunks.length) {
          signal?.throwIfAborted();
          if (this.#closed) throw closedError();
          const chunk = next++;
          const probabilities = await worker.classify(chunks[chunk]);
          signal?.throwIfAborted();
          onChunk(chunk, probabilities);
        }
      } catch (error) {
        next = chunks.length; // the others stop after the chunk they have
        throw error;
      }
    };
    const takers = this.#workers.flatMap((worker) =>
      Array.from({ length: chunksAhead }, () => takeChunks(worker))
    );
    const ended = Promise.allSettled(takers);
    const ends = await (signal ? unlessAborted(ended, signal) : ended);
    const failed = ends.find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
  }

  /** Ends the workers after the chunks they have; calls under way fail. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#workers.map((worker) => worker.close()));
  }

  #start(): ClassifierWorker {
    return new ClassifierWorker(this.#options, this.#file);
  }

  async #ready(): Promise<void> {
    const ready = await Promise.all(this.#workers.map((worker) => worker.ready));
    this.#batches = ready.every(({ batches }) => batches);
  }
}

function closedError(): BirdsongError {
  return new BirdsongError("the scorer is closed: open another with openScorer()");
}
