import process from "node:process";
import { Worker } from "node:worker_threads";
import { BirdsongError, messageOf } from "../errors.ts";
import { workerFile } from "../paths.ts";
import type { ClassifierOptions } from "./classifier.ts";
import type { Reply, Request, WorkerStart } from "./messages.ts";
import { ThreadState } from "./thread_state.ts";

interface Waiting {
  resolve(probabilities: Float64Array): void;
  reject(reason: unknown): void;
}

/**
 * A classifier in a thread of its own. The thread keeps the process alive only while it has work.
 * Once it has ended, by itself or by {@linkcode close}, every call fails.
 */
export class ClassifierWorker {
  /** Settles when the model is loaded, or cannot be; see {@linkcode Classifier.batches}. */
  readonly ready: Promise<{ batches: boolean }>;
  readonly #thread: Worker;
  readonly #ended: Promise<void>;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;
  #cause: unknown;
  #alive = true;
  #closing = false;

  /** Starts the thread; `file` is its entry. */
  constructor(options: ClassifierOptions, file: string = workerFile("sentiment/worker")) {
    const state = new ThreadState();
    this.#thread = new Worker(file, {
      workerData: { options, shared: state.shared } satisfies WorkerStart,
    });
    process.on("exit", state.end);
    this.#thread.on("error", (error) => this.#cause = error);
    this.#ended = new Promise((resolve) => {
      this.#thread.on("exit", (code) => {
        this.#alive = false;
        process.off("exit", state.end);
        for (const { reject } of this.#waiting.values()) reject(this.#endedError(code));
        this.#waiting.clear();
        resolve();
      });
    });
    this.ready = new Promise((resolve, reject) => {
      this.#thread.on("message", (reply: Reply) => {
        if (reply.type === "ready") resolve({ batches: reply.batches });
        else if (reply.type === "unusable") reject(reply.error);
        else if (reply.type === "closed") this.#thread.terminate();
        else this.#settle(reply);
        if (!this.#closing) this.#keepProcessAlive();
      });
      this.#thread.on("exit", (code) => reject(this.#endedError(code)));
    });
    this.ready.catch(() => {}); // whoever waits for it is told; nobody has to
  }

  /** Whether the thread still runs. */
  get alive(): boolean {
    return this.#alive;
  }

  /** The probabilities of the texts, as {@linkcode Classifier.classify} gives them. */
  classify(texts: readonly string[]): Promise<Float64Array> {
    if (!this.#alive) return Promise.reject(this.#endedError());
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#waiting.set(id, { resolve, reject });
      this.#keepProcessAlive();
      this.#send({ type: "classify", id, texts });
    });
  }

  /** Ends the thread after the work it has. */
  async close(): Promise<void> {
    if (!this.#alive) return;
    this.#closing = true;
    this.#thread.ref();
    this.#send({ type: "close" });
    await this.#ended;
  }

  #send(request: Request): void {
    this.#thread.postMessage(request);
  }

  #settle(reply: Extract<Reply, { id: number }>): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (reply.type === "classified") waiting?.resolve(reply.probabilities);
    else waiting?.reject(reply.error);
  }

  #keepProcessAlive(): void {
    if (this.#waiting.size > 0) this.#thread.ref();
    else this.#thread.unref();
  }

  #endedError(code?: number): BirdsongError {
    const how = this.#cause === undefined ? `exit code ${code ?? 0}` : messageOf(this.#cause);
    return new BirdsongError(`a worker thread that scored tweets has ended (${how})`, {
      cause: this.#cause,
      retriable: true,
    });
  }
}
