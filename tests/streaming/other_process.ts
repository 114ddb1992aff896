import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface, type Interface } from "node:readline";
import { projectPath } from "../../lib/paths.ts";

/** A process that runs `birds_stream` on a lake: by default `fixtures/run_birds.ts`. */
export class OtherProcess {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #output: Interface;
  readonly #ended: Promise<unknown>;

  constructor(lake: string, source: string, fixture = "run_birds.ts") {
    const program = projectPath(`tests/streaming/fixtures/${fixture}`);
    this.#child = spawn(process.execPath, ["run", "-A", "--no-check", program, lake, source], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#ended = once(this.#child, "close");
    this.#output = createInterface({ input: this.#child.stdout! });
    this.#output.on("line", (line) => this.#lines.push(line));
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Writes a line to its standard input. */
  tell(line: string): void {
    this.#child.stdin!.write(`${line}\n`);
  }

  /** Waits until it has printed a line like this; returns the line. */
  async prints(pattern: string | RegExp): Promise<string> {
    const found = () =>
      this.#lines.find((line) =>
        typeof pattern === "string" ? line === pattern : pattern.test(line)
      );
    while (found() === undefined) {
      await Promise.race([
        once(this.#output, "line"),
        this.#ended.then(() => {
          if (!found()) throw new Error(`it ended without printing ${pattern}`);
        }),
      ]);
    }
    return found()!;
  }

  /** Stops it for a while, as a suspended computer does; returns the function that wakes it. */
  freeze(): () => void {
    // Not child.kill(), which Deno takes for the end of the process whatever the signal is.
    process.kill(this.pid, "SIGSTOP");
    return () => void process.kill(this.pid, "SIGCONT");
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
