import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import process from "node:process";
import { projectPath } from "../../lib/paths.ts";
import type { StorageOrder } from "./stream.ts";

/** Keeps a stream running in a process of its own: whenever that ends, the next one is started. */
export class Keeper {
  /** Batches that were committed, as far as they were told. */
  batches = 0;
  /** Whether a process has said that it freezes. */
  frozen = false;
  /** Processes that SIGKILL ended. */
  kills = 0;
  /** What processes said that ended by themselves. */
  readonly errors: string[] = [];
  #child: ChildProcess | undefined;
  #ended: Promise<void> | undefined;
  #stopping = false;

  /** @param order Made anew for each process. */
  constructor(private readonly order: () => StorageOrder) {}

  start(): void {
    this.#ended ??= this.#keep();
  }

  signal(signal: NodeJS.Signals): void {
    const { pid, exitCode, signalCode } = this.#child ?? {};
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    // Not child.kill(), which Deno takes for the end of the process whatever the signal is.
    process.kill(pid, signal);
  }

  /** Kills the process for good. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.signal("SIGKILL");
    await this.#ended;
  }

  async #keep(): Promise<void> {
    while (!this.#stopping) {
      const program = projectPath("tests/storage/stream.ts");
      const args = ["run", "--allow-all", "--no-check", program, JSON.stringify(this.order())];
      const child = this.#child = spawn(process.execPath, args);
      let errors = "";
      child.stderr.setEncoding("utf8").on("data", (text) => errors += text);
      createInterface({ input: child.stdout }).on("line", (line) => {
        if (line === "frozen") this.frozen = true;
        else this.batches++;
      });
      const signal = await new Promise<string | null>((resolve, reject) =>
        child.on("error", reject).on("close", (_code, signal) => resolve(signal))
      );
      if (signal !== "SIGKILL") this.errors.push(`${errors.trim()}${signal ? ` (${signal})` : ""}`);
      else if (!this.#stopping) this.kills++;
    }
  }
}
