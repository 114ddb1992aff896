import type { SourceProgress } from "../streaming/progress.ts";
import type { StreamingQueryListener } from "../streaming/streaming_query_listener.ts";
import { type ProgressBar, progressBar } from "./progress.ts";

/**
 * A listener that shows a progress bar for each stream that takes what is there (`availableNow`): how
 * many files, or rows of a table, it has taken and how many wait. The bar moves with each batch.
 *
 * @example
 * const removeListener = session.streams.addListener(streamProgress());
 * await query.awaitTermination();
 * removeListener();
 */
export function streamProgress(): StreamingQueryListener {
  const bars = new Map<string, ProgressBar>();
  return {
    onQueryProgress({ runId, name, batchDuration, sources: [source] }) {
      const { unit, taken, waiting } = amountsOf(source);
      // Spark's sources do not say how much waits, and a bar needs to know.
      if (waiting === undefined) return;
      let bar = bars.get(runId);
      if (!bar) {
        // The first batch counts, too.
        const since = performance.now() - batchDuration;
        bar = progressBar(`${name}: ${unit} taken`, taken + waiting, { since });
        bars.set(runId, bar);
      }
      try {
        bar.advance(taken);
      } catch {
        // The stop button ends the stream itself.
      }
    },
    onQueryTerminated({ runId, exception }) {
      if (!exception) void bars.get(runId)?.end();
      bars.delete(runId);
    },
  };
}

function amountsOf({ startOffset, endOffset, numInputRows, metrics }: SourceProgress) {
  if ("numFilesOutstanding" in metrics) {
    const files = (offset: unknown) => (offset as { files: number } | null)?.files ?? 0;
    const taken = files(endOffset) - files(startOffset);
    return { unit: "files", taken, waiting: metrics.numFilesOutstanding };
  }
  return { unit: "rows", taken: numInputRows, waiting: metrics.numRowsOutstanding };
}
