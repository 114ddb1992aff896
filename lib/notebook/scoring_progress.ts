import { type ProgressBar, progressBar } from "./progress.ts";

/** A progress bar for each batch that a gold stream scores: what `gold(scorer, ...)` takes. */
export function scoringProgress(): (done: number, total: number) => void {
  let bar: ProgressBar | undefined;
  let shown = 0;
  return (done, total) => {
    // A batch that was given up leaves its bar behind.
    if (!bar || done < shown) {
      bar = progressBar("texts scored", total);
      shown = 0;
    }
    try {
      bar.advance(done - shown);
    } catch (error) {
      bar = undefined;
      throw error;
    }
    shown = done;
    if (done === total) {
      void bar.end();
      bar = undefined;
    }
  };
}
