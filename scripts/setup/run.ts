import { spawn } from "node:child_process";
import process from "node:process";
import { projectRoot } from "../../lib/paths.ts";

/** How a child process ended. */
export interface Ended {
  /** Its exit code; 127 when it could not be started. */
  code: number;
  /** Its standard output and standard error, in the order they came. */
  output: string;
}

/** Runs a program in the project's folder, and ends it when this process is told to end. */
export function run(command: string, args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: projectRoot,
      stdio: ["ignore", "pipe", "pipe"],
      // npm is a .cmd file on Windows, which only a shell can start; no argument here needs quoting.
      shell: process.platform === "win32" && command === "npm",
    });
    let output = "";
    child.stdout.on("data", (data) => output += data);
    child.stderr.on("data", (data) => output += data);
    const stop = (): void => {
      child.kill();
      process.exit(130);
    };
    process.on("SIGTERM", stop).on("SIGINT", stop);
    const end = (code: number): void => {
      process.off("SIGTERM", stop).off("SIGINT", stop);
      resolve({ code, output });
    };
    child.on("error", (error) => {
      output += error.message;
      end(127);
    });
    child.on("close", (code) => end(code ?? 1));
  });
}
