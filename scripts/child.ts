import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { constants } from "node:os";
import process from "node:process";
import { BirdsongError } from "../lib/errors.ts";

/** How a child process is run. */
export interface ChildOptions {
  /** Its working directory. @default the caller's */
  cwd?: string;
  /** Environment variables on top of the caller's own. */
  env?: Record<string, string>;
  /** Takes its standard output line by line; without it, the output goes where the caller's goes. */
  onLine?(line: string): void;
}

/** Time that a child has to end by itself after Ctrl-C. */
const graceMs = 10_000;

/**
 * Runs a program to its end, whatever happens to us meanwhile: Ctrl-C reaches the child as well
 * (same terminal), and a request to terminate (also: the terminal was closed) is passed on, so that
 * it can end what it started.
 *
 * @returns its exit code; 128 + the signal's number where a signal ended it, or us.
 * @throws {BirdsongError} if the program cannot be started.
 */
export async function runChild(
  program: string,
  args: string[],
  options: ChildOptions = {},
): Promise<number> {
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ["inherit", options.onLine ? "pipe" : "inherit", "inherit"],
  });
  let received: NodeJS.Signals | undefined;
  let grace: ReturnType<typeof setTimeout> | undefined;
  const onInterrupt = () => {
    received ??= "SIGINT";
    grace ??= setTimeout(() => child.kill("SIGTERM"), graceMs);
  };
  const onTerminate = () => {
    received ??= "SIGTERM";
    child.kill("SIGTERM");
  };
  process.on("SIGINT", onInterrupt);
  process.on("SIGTERM", onTerminate).on("SIGHUP", onTerminate);
  try {
    const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>(
      (resolve, reject) => {
        child.on("error", reject);
        child.on("close", (code, signal) => resolve({ code, signal }));
      },
    );
    if (options.onLine && child.stdout) {
      createInterface({ input: child.stdout }).on("line", options.onLine);
    }
    const { code, signal } = await ended;
    const by = signal ?? received;
    return by ? 128 + constants.signals[by] : code ?? 1;
  } catch (error) {
    throw new BirdsongError(`${program} could not be started: ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    clearTimeout(grace);
    process.off("SIGINT", onInterrupt);
    process.off("SIGTERM", onTerminate).off("SIGHUP", onTerminate);
  }
}

/** Whether an exit code of `runChild` means that a person or the system asked to stop. */
export function wasInterrupted(code: number): boolean {
  return code === 128 + constants.signals.SIGINT || code === 128 + constants.signals.SIGTERM;
}
