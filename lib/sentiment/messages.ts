import type { ClassifierOptions } from "./classifier.ts";

/** What a worker is started with. */
export interface WorkerStart {
  options: ClassifierOptions;
  /** Memory of its {@linkcode ThreadState}. */
  shared: SharedArrayBuffer;
}

/** What the pool sends to a worker. */
export type Request =
  | { type: "classify"; id: number; texts: readonly string[] }
  | { type: "close" };

/** What a worker sends back. A failed request leaves the worker as it was. */
export type Reply =
  | { type: "ready"; batches: boolean }
  | { type: "unusable"; error: unknown }
  | { type: "classified"; id: number; probabilities: Float64Array }
  | { type: "failed"; id: number; error: unknown }
  | { type: "closed" };
