import { type ChildProcess as NodeChild, spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { projectPath } from "../../lib/paths.ts";
import type { ChildLine } from "./child.ts";

/** How a process ended. */
export interface End {
  /** The signal that ended it; null where it ended by itself. */
  signal: string | null;
  /** What it said on standard error. */
  errors: string;
}

/** A process of a Deno program in `tests/fault`, which prints {@linkcode ChildLine}s. */
export class ChildProcess<Report> {
  readonly ended: Promise<End>;
  readonly #child: NodeChild;

  constructor(program: string, order: object, onLine: (line: ChildLine<Report>) => void) {
    const child = spawn(
      process.execPath,
      [
        ...["run", "--allow-all", "--no-check", projectPath(`tests/fault/${program}`)],
        JSON.stringify(order),
      ],
      // The child takes the end of its input for the end of this process.
      { stdio: ["pipe", "pipe", "pipe"] },
    );
    this.#child = child;
    let errors = "";
    child.stderr.setEncoding("utf8").on("data", (text) => errors += text);
    // A killed process may leave half a line.
    createInterface({ input: child.stdout })
      .on("line", (text) => text.endsWith("}") && onLine(JSON.parse(text)));
    this.ended = new Promise((resolve, reject) =>
      child.on("error", reject)
        .on("close", (_code, signal) => resolve({ signal, errors: errors.trim() }))
    );
  }

  /** Sends the process a signal; returns whether there was one to send it to. */
  signal(signal: NodeJS.Signals): boolean {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return false;
    // Not child.kill(), which Deno takes for the end of the process whatever the signal is.
    return process.kill(pid, signal);
  }

  /** Kills the process and waits for its end. */
  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.ended;
  }
}
