import process from "node:process";
import type { NotebookEvent } from "./run_notebooks.ts";

/** How often the line of a terminal is drawn again, and how often a log gets a sign of life. */
const terminalIntervalMs = 1_000;
const logIntervalMs = 30_000;

/** Where progress goes: the parts of `process.stderr` that are needed. */
export interface ProgressStream {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

/**
 * Shows the current notebook and cell: in place on a terminal, as plain lines elsewhere. One line
 * stays for every notebook that ended.
 */
export class NotebookProgress {
  #stream: ProgressStream;
  #notebook = "";
  #started = 0;
  #cell = 0;
  #cells = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(stream: ProgressStream = process.stderr) {
    this.#stream = stream;
  }

  /** Takes an event of the run. */
  take(event: NotebookEvent): void {
    if (event.event === "notebook") {
      this.#notebook = event.notebook;
      this.#cells = event.cells;
      this.#cell = 0;
      this.#started = performance.now();
      const interval = this.#stream.isTTY ? terminalIntervalMs : logIntervalMs;
      clearInterval(this.#timer);
      this.#timer = setInterval(() => this.#draw(), interval);
      this.#draw();
    } else if (event.event === "cell") {
      this.#cell = event.cell;
      if (this.#stream.isTTY) this.#draw();
    } else if (event.event === "late") {
      this.#erase();
      this.#stream.write(
        `${event.notebook}: an output of cell [${event.cell}] came after its end; Jupyter may put it ` +
          "under another one. Show it with `await show(...)`.\n",
      );
    } else {
      this.#erase();
      this.#stream.write(`${event.notebook}: ${event.event} in ${event.seconds.toFixed(1)} s\n`);
    }
  }

  /** Ends the display; without it the process would go on. */
  stop(): void {
    clearInterval(this.#timer);
    this.#erase();
  }

  #draw(): void {
    const seconds = Math.round((performance.now() - this.#started) / 1000);
    const where = this.#cell === 0 ? "starting" : `cell ${this.#cell} of ${this.#cells}`;
    const line = `${this.#notebook}: ${where}, ${seconds} s`;
    if (!this.#stream.isTTY) this.#stream.write(`${line}\n`);
    else this.#stream.write(`\r\x1b[K${line.slice(0, (this.#stream.columns || 80) - 1)}`);
  }

  #erase(): void {
    if (this.#stream.isTTY) this.#stream.write("\r\x1b[K");
  }
}
