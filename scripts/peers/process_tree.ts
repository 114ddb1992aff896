import { readdirSync, readFileSync } from "node:fs";
import { clearInterval, setInterval } from "node:timers";

// Milliseconds.
const interval = 200;
// Of Linux, whatever the machine.
const ticksPerSecond = 100;

/** What a process and all processes below it have used. */
export interface TreeUse {
  /** Bytes at the peak; what they share is counted once (PSS). */
  peakMemory: number;
  /** Seconds of processor time, up to the last look. */
  processor: number;
}

/**
 * Watches a process and all processes below it, on Linux.
 *
 * @returns A function that ends the watch.
 */
export function watchTree(root: number): () => TreeUse {
  let peakMemory = 0;
  const processor = new Map<number, number>();
  const look = () => {
    let memory = 0;
    for (const { pid, seconds } of treeOf(root)) {
      processor.set(pid, seconds);
      memory += memoryOf(pid);
    }
    peakMemory = Math.max(peakMemory, memory);
  };
  const timer = setInterval(look, interval);
  return () => {
    clearInterval(timer);
    return { peakMemory, processor: [...processor.values()].reduce((a, b) => a + b, 0) };
  };
}

function treeOf(root: number): { pid: number; seconds: number }[] {
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map((name) => {
    // Behind the name of the program, which may hold anything; see proc(5).
    const stat = read(`/proc/${name}/stat`);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [parent, user, system] = [1, 11, 12].map((index) => Number(fields[index]));
    return { pid: Number(name), parent, seconds: (user + system) / ticksPerSecond };
  });
  const tree = all.filter(({ pid }) => pid === root);
  // Grows on the way.
  for (const { pid } of tree) tree.push(...all.filter(({ parent }) => parent === pid));
  return tree;
}

function memoryOf(pid: number): number {
  const rollup = read(`/proc/${pid}/smaps_rollup`);
  return 1024 * Number(/^Pss: +(\d+) kB$/m.exec(rollup)?.[1] ?? 0);
}

/** A file's text; empty for that of a process that has ended. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
