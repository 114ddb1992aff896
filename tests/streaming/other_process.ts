import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface, type Interface } from "node:readline";
import { projectPath } from "../../lib/paths.ts";

/** A process that runs `birds_stream` on a lake; see `fixtures/run_birds.ts`. */
export class OtherProcess {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #output: Interface;
  readonly #ended: Promise<unknown>;

  constructor(lake: string, source: string) {
    const program = projectPath("tests/streaming/fixtures/run_birds.ts");
    this.#child = spawn(process.execPath, ["run", "-A", "--no-check", program, lake, source], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#ended = once(this.#child, "close");
    this.#output = createInterface({ input: this.#child.stdout! });
    this.#output.on("line", (line) => this.#lines.push(line));
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Waits until it has printed a line. */
  async prints(line: string): Promise<void> {
    while (!this.#lines.includes(line)) {
      await Promise.race([
        once(this.#output, "line"),
        this.#ended.then(() => {
          if (!this.#lines.includes(line)) throw new Error(`it ended without printing "${line}"`);
        }),
      ]);
    }
  }

  /** Waits for its end; returns its exit code, null where a signal has ended it. */
  async ends(): Promise<number | null> {
    await this.#ended;
    return this.#child.exitCode;
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }
}
