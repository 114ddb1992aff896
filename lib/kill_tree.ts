import { spawnSync } from "node:child_process";
import process from "node:process";

/**
 * Ends a process that was started detached, with all that it started: on Unix it leads a process
 * group, which outlives it as long as one member does. One that has ended already is no error.
 */
export function killTree(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  if (process.platform === "win32") {
    spawnSync("taskkill", ["/PID", String(pid), "/T", "/F"], { windowsHide: true });
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
