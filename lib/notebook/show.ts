import { interruptSignal } from "./interrupt.ts";
import { currentKernel, flushOutputs, sendDisplay } from "./kernel.ts";
import { mimeBundleOf } from "./mime.ts";

/**
 * Shows things under the cell that calls it, one output each; in a script, prints them as text.
 *
 * Shows tables (arrays of row objects, danfojs DataFrames), figures and whatever else has a
 * `mimeBundle()`, strings, and any value as Node would print it; of a promise, what it becomes. Always
 * `await` it, and prefer it to a cell's last expression: it returns when the outputs stand under their
 * own cell.
 *
 * @throws {InterruptedError} when the stop button is pressed meanwhile, so that a loop that shows
 * things can be stopped.
 *
 * @example
 * await show("The first rows:", session.sql("FROM bronze LIMIT 5"));
 */
export async function show(...things: unknown[]): Promise<void> {
  const signal = interruptSignal();
  const inKernel = currentKernel() !== undefined;
  for (const thing of await Promise.all(things)) {
    const data = await mimeBundleOf(thing);
    if (inKernel) await sendDisplay({ data, metadata: {}, transient: {} });
    else console.log(data["text/plain"] ?? `[${Object.keys(data).join(", ")}]`);
  }
  await flushOutputs();
  signal.throwIfAborted();
}
