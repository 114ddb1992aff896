import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { constants } from "node:os";
import process from "node:process";
import { BirdsongError, messageOf } from "../../lib/errors.ts";
import { killTree } from "../../lib/kill_tree.ts";

/** How a child process is run. */
export interface ChildOptions {
  /** Its working directory. @default the caller's */
  cwd?: string;
  /** Environment variables on top of the caller's own. */
  env?: Record<string, string>;
  /** Takes its standard output line by line; without it, the output goes where the caller's goes. */
  onLine?(line: string): void;
}

const requests: NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Runs a program to its end. When we are asked to end meanwhile (Ctrl-C, a closed terminal), the
 * child is asked to, and we wait until it has ended what it started; a second Ctrl-C kills it.
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
    stdio: ["ignore", options.onLine ? "pipe" : "inherit", "inherit"],
    // A process group of its own: the terminal's signals reach it through us only, once each.
    detached: process.platform !== "win32",
  });
  let received: NodeJS.Signals | undefined;
  const onRequest = (signal: NodeJS.Signals) => {
    const again = signal === "SIGINT" && received === "SIGINT";
    // Without an id, it could not be started.
    if (child.pid !== undefined) killTree(child.pid, again ? "SIGKILL" : "SIGTERM");
    received ??= signal;
  };
  for (const signal of requests) process.on(signal, onRequest);
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
    const by = received ?? signal;
    return by ? 128 + constants.signals[by] : code ?? 1;
  } catch (error) {
    throw new BirdsongError(`${program} could not be started: ${messageOf(error)}`, {
      cause: error,
    });
  } finally {
    for (const signal of requests) process.off(signal, onRequest);
  }
}

/** Whether an exit code of `runChild` means that a person or the system asked to end. */
export function wasInterrupted(code: number): boolean {
  return requests.some((signal) => code === 128 + constants.signals[signal]);
}
