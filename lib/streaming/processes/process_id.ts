import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import process from "node:process";
import { isAlive } from "../../is_alive.ts";

/** Which process it is, among those of all machines and containers that share a lake's folder. */
export interface ProcessId {
  pid: number;
  host: string;
  /** Within which `pid` names one process: a boot of a machine, and there a container. */
  pidSpace: string;
}

/** This process. */
export function thisProcess(): ProcessId {
  return { pid: process.pid, host: hostname(), pidSpace: pidSpace() };
}

/**
 * Whether a process has ended for sure. Of one in another container, on another machine, or before
 * a restart of this one, nothing is known here: false.
 */
export function hasEnded({ pid, pidSpace: space }: ProcessId): boolean {
  return space === pidSpace() && !isAlive(pid);
}

/** Whether it is this very process. */
export function isThisProcess({ pid, pidSpace: space }: ProcessId): boolean {
  return space === pidSpace() && pid === process.pid;
}

function pidSpace(): string {
  try {
    // Containers of one machine may have the same name, machines of one cluster, too.
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${boot} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    // Not Linux: no containers, and what was running before a restart has been silent since.
    return hostname();
  }
}
