import { randomUUID } from "node:crypto";
import { interruptSignal } from "./interrupt.ts";
import { currentKernel, flushOutputs, sendDisplay } from "./kernel.ts";
import { mimeBundleOf } from "./mime.ts";

const interactive = "application/vnd.plotly.v1+json";

/** One output that is shown again and again in its place. */
export interface LiveOutput {
  /**
   * Shows a table, a text or a figure in place of what stood there; of a promise, what it becomes.
   *
   * @throws {InterruptedError} when the stop button was pressed since the output was made, so that a
   * loop that updates it can be stopped.
   */
  update(thing: unknown): Promise<void>;
}

/**
 * An output under the cell that changes while the cell runs: a table of streams, for example. Of a
 * figure the static image is shown: front ends do not draw an interactive one anew in its place.
 */
export function liveOutput(): LiveOutput {
  const transient = { display_id: randomUUID() };
  const signal = interruptSignal();
  let shown = false;
  return {
    async update(thing) {
      const { [interactive]: _, ...data } = await mimeBundleOf(await thing);
      if (currentKernel()) {
        await sendDisplay({ data, metadata: {}, transient }, shown);
        shown = true;
        await flushOutputs();
      }
      signal.throwIfAborted();
    },
  };
}
