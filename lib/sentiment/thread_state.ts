/** Milliseconds to wait at most for a thread in the network: it looks up after every batch. */
const patience = 5_000;

const busy = 0;
const ending = 1;

/**
 * What a worker thread and the thread that started it know of each other without a message: whether
 * the thread is inside ONNX Runtime, and whether the process is ending. Node aborts the process
 * (exit code 134) when it ends while a thread is in there.
 */
export class ThreadState {
  readonly #cells: Int32Array;

  /** @param shared The memory of the other thread's state; new where there is none yet. */
  constructor(readonly shared: SharedArrayBuffer = new SharedArrayBuffer(8)) {
    this.#cells = new Int32Array(shared);
  }

  /**
   * Runs an action inside ONNX Runtime; in the worker thread.
   *
   * @throws {Error} when the process is ending.
   */
  async inside<T>(action: () => Promise<T>): Promise<T> {
    Atomics.store(this.#cells, busy, 1);
    try {
      if (Atomics.load(this.#cells, ending) === 1) throw new Error("the process is ending");
      return await action();
    } finally {
      Atomics.store(this.#cells, busy, 0);
      Atomics.notify(this.#cells, busy);
    }
  }

  /** Lets the thread begin nothing more, and waits until it is outside; as the process ends. */
  end(): void {
    Atomics.store(this.#cells, ending, 1);
    Atomics.wait(this.#cells, busy, 1, patience);
  }
}
