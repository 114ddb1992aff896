import process from "node:process";

// Milliseconds between two updates of the line.
const interval = 200;

/** Lines done, their rate and the time left, on standard error while it is a terminal. */
export class Progress {
  readonly #total?: number;
  readonly #start = performance.now();
  #shown = 0;

  /** @param total Lines in all, where known. */
  constructor(total?: number) {
    this.#total = total;
  }

  /** Updates the line. */
  show(done: number): void {
    const now = performance.now();
    if (!process.stderr.isTTY || now - this.#shown < interval) return;
    this.#shown = now;
    const rate = done / this.#seconds();
    const rest = this.#total === undefined
      ? ""
      : ` of ${whole(this.#total)}, ${whole((this.#total - done) / rate)} s left`;
    process.stderr.write(`\r\x1b[K${whole(done)}${rest} (${whole(rate)} a second)`);
  }

  /** Replaces the line by a summary. */
  end(done: number, how: string): void {
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
    const seconds = this.#seconds();
    const rate = whole(done / seconds);
    console.error(`${whole(done)} lines in ${seconds.toFixed(1)} s (${rate} a second): ${how}`);
  }

  #seconds(): number {
    return (performance.now() - this.#start) / 1000;
  }
}

function whole(number: number): string {
  return Math.round(number).toLocaleString("en-US");
}
