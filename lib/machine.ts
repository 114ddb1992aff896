import { availableParallelism, cpus, freemem, platform, totalmem } from "node:os";
import process from "node:process";

/** What this machine has, for a person. */
export interface Machine {
  runtime: string;
  system: string;
  processor: string;
  /** Processors that this process may use. */
  cores: number;
  memoryGigabytes: number;
  freeMemoryGigabytes: number;
}

/** Describes the machine that the notebook's kernel runs on. */
export function describeMachine(): Machine {
  const { deno, node } = process.versions as Record<string, string | undefined>;
  return {
    runtime: deno ? `Deno ${deno}` : `Node ${node}`,
    system: `${platform()} ${process.arch}`,
    processor: cpus()[0]?.model.trim() || "unknown",
    cores: availableParallelism(),
    memoryGigabytes: gigabytes(totalmem()),
    freeMemoryGigabytes: gigabytes(freemem()),
  };
}

function gigabytes(bytes: number): number {
  return Math.round(bytes / 1e8) / 10;
}
