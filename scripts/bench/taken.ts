import process from "node:process";
import { median } from "../../lib/median.ts";

/** What one repetition took, in seconds. */
export interface Taken {
  wall: number;
  /** Of all threads of the process: other programs disturb it less than the clock. */
  processor: number;
}

/** Measures one repetition. */
export async function timed(run: () => unknown): Promise<Taken> {
  const stop = startTiming();
  await run();
  return stop();
}

/** Begins a measurement; the function it returns says what has been taken since. */
export function startTiming(): () => Taken {
  const used = process.cpuUsage();
  const start = performance.now();
  return () => {
    const wall = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(used);
    return { wall, processor: (user + system) / 1e6 };
  };
}

/** The median of each; of an even number, the mean of the two in the middle. */
export function medianTaken(taken: readonly Taken[]): Taken {
  return {
    wall: median(taken.map(({ wall }) => wall)),
    processor: median(taken.map(({ processor }) => processor)),
  };
}

/** Two ways of doing the same, each given the number of the round. */
export interface Ways {
  /** Called before a round, and not measured. */
  prepare?(round: number): unknown;
  ours(round: number): unknown;
  peer(round: number): unknown;
}

/** What two ways took, round by round. */
export interface Compared {
  ours: Taken[];
  peer: Taken[];
}

/**
 * Measures two ways in turns, so that what else the machine does meets both; which one is first
 * changes from round to round.
 */
export async function inTurns(
  rounds: number,
  ways: Ways,
): Promise<Compared> {
  const compared: Compared = { ours: [], peer: [] };
  for (let round = 0; round < rounds; round++) {
    await ways.prepare?.(round);
    for (const way of round % 2 === 0 ? ["peer", "ours"] as const : ["ours", "peer"] as const) {
      compared[way].push(await timed(() => ways[way](round)));
    }
  }
  return compared;
}
