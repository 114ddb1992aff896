import { type ProgressBar, progressBar } from "./progress.ts";

/** A progress bar for each batch that a gold stream scores: what `gold(scorer, ...)` takes. */
export function scoringProgress(): (done: number, total: number) => void {
  let bar: ProgressBar | undefined;
  let shown = 0;
  return (done, total) => {
    if (!bar) {
      bar = progressBar("texts scored", total);
      shown = 0;
    }
    bar.advance(done - shown);
    shown = done;
    if (done === total) {
      void bar.end();
      bar = undefined;
    }
  };
}
