import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import process from "node:process";

/**
 * Keeps a Deno program running: whenever its process ends, by a signal or by itself, the next one
 * is started.
 */
export class ProcessKeeper {
  /** Processes that SIGKILL ended. */
  kills = 0;
  /** Whether the present process has printed anything. */
  hasSpoken = false;
  /** What processes said on standard error that ended by themselves, or by another signal. */
  readonly errors: string[] = [];
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #stopping = false;

  /**
   * @param file The program.
   * @param order Makes its argument, anew for each process.
   * @param onLine Takes its standard output, line by line, parsed as JSON.
   */
  constructor(
    private readonly file: string,
    private readonly order: () => unknown,
    // deno-lint-ignore no-explicit-any
    private readonly onLine: (line: any) => void = () => {},
  ) {}

  start(): void {
    this.#stopping = false;
    this.#ended = this.#keep();
  }

  /** Sends the process a signal; returns whether there was one to send it to. */
  signal(signal: NodeJS.Signals): boolean {
    const child = this.#child;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) {
      return false;
    }
    // Not child.kill(), which Deno takes for the end of the process whatever the signal is.
    return process.kill(child.pid, signal);
  }

  /** Kills the process for good. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.signal("SIGKILL");
    await this.#ended;
  }

  async #keep(): Promise<void> {
    while (!this.#stopping) {
      const child = spawn(
        process.execPath,
        ["run", "--allow-all", this.file, JSON.stringify(this.order())],
        // The child takes the end of its input for the end of its keeper.
        { stdio: ["pipe", "pipe", "pipe"] },
      );
      this.#child = child;
      this.hasSpoken = false;
      let errors = "";
      child.stderr.setEncoding("utf8").on("data", (text) => errors += text);
      // A killed process may leave half a line.
      createInterface({ input: child.stdout }).on("line", (line) => {
        if (!line.endsWith("}")) return;
        this.hasSpoken = true;
        this.onLine(JSON.parse(line));
      });
      const signal = await new Promise<string | null>((resolve, reject) =>
        child.on("error", reject).on("close", (_code, signal) => resolve(signal))
      );
      if (signal !== "SIGKILL") this.errors.push(`${errors.trim()}${signal ? ` (${signal})` : ""}`);
      else if (!this.#stopping) this.kills++;
    }
  }
}
