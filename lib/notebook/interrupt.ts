import process from "node:process";
import { BirdsongError } from "../errors.ts";
import { unlessAborted } from "../unless_aborted.ts";
import { currentKernel } from "./kernel.ts";

/** What a call that the stop button ended throws. */
export class InterruptedError extends BirdsongError {
  override name = "InterruptedError";

  constructor() {
    super("Interrupted");
  }
}

const listeners = new Set<() => void>();
let controller = new AbortController();

// The stop button sends SIGINT, which ends a process that does not listen. Scripts keep that: there,
// Ctrl-C means the end.
if (currentKernel()) process.on("SIGINT", interrupt);

/**
 * What the stop button does: aborts the {@linkcode interruptSignal} and calls every listener of
 * {@linkcode onInterrupt}. Calls that begin afterwards have a new signal.
 */
export function interrupt(): void {
  const interrupted = controller;
  controller = new AbortController();
  interrupted.abort(new InterruptedError());
  for (const listener of [...listeners]) {
    try {
      listener();
    } catch (error) {
      console.error(error); // one listener's mistake must not keep the others from stopping
    }
  }
}

/**
 * Calls `listener` each time the stop button is pressed.
 *
 * @returns a function that removes it.
 */
export function onInterrupt(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Aborted by the next press of the stop button. Ask for it anew in every call: it serves once. */
export function interruptSignal(): AbortSignal {
  return controller.signal;
}

/**
 * The result of `promise`, unless the stop button is pressed first. It ends the waiting only: what is
 * awaited goes on, unless it listens to {@linkcode interruptSignal} itself.
 *
 * @throws {InterruptedError} when the stop button is pressed.
 */
export async function interruptible<T>(promise: Promise<T>): Promise<T> {
  return await unlessAborted(promise, controller.signal);
}
