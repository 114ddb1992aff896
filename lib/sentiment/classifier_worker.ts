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

/** Of the threads that run; all share one listener, for Node warns of more than ten. */
const states = new Set<ThreadState>();
process.on("exit", () => states.forEach((state) => state.end()));

/**
 * A classifier in a thread of its own. The thread keeps the process alive only while it has work.
 * Once it has ended, by itself or by {@linkcode close}, every call fails.
 */
export class ClassifierWorker {
  /**
   * Settles when the model is loaded, or when the thread has ended because it cannot be; see
   * {@linkcode Classifier.batches}.
   */
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
    states.add(state);
    this.#thread.on("error", (error) => this.#cause = error);
    this.#ended = new Promise((resolve) => {
      this.#thread.on("exit", (code) => {
        this.#alive = false;
        states.delete(state);
        for (const { reject } of this.#waiting.values()) reject(this.#endedError(code));
        this.#waiting.clear();
        resolve();
      });
    });
    this.ready = new Promise((resolve, reject) => {
      let reason: unknown;
      this.#thread.on("message", (reply: Reply) => {
        if (reply.type === "unusable") reason = reply.error;
        if (reply.type === "unusable" || reply.type === "closed") {
          return void this.#thread.terminate();
        }
        if (reply.type === "ready") resolve({ batches: reply.batches });
        else this.#settle(reply);
        if (!this.#closing) this.#keepProcessAlive();
      });
      this.#thread.on("exit", (code) => reject(reason ?? this.#endedError(code)));
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
