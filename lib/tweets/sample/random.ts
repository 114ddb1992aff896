/**
 * Random numbers that are the same for the same seed on every machine: the mulberry32 generator,
 * which computes with 32-bit integers only.
 */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number from 0 to below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let bits = this.#state;
    bits = Math.imul(bits ^ (bits >>> 15), bits | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 to below `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  /** True in this share (0 to 1) of the calls. */
  chance(share: number): boolean {
    return this.next() < share;
  }

  /** One of the items, each as likely as another. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }

  /** The name of one of the shares, which need not add up to 1. */
  choose<Name extends string>(shares: Readonly<Record<Name, number>>): Name {
    const entries = Object.entries(shares) as [Name, number][];
    const total = entries.reduce((sum, [, share]) => sum + share, 0);
    let left = this.next() * total;
    for (const [name, share] of entries) {
      left -= share;
      if (left < 0) return name;
    }
    return entries[entries.length - 1][0];
  }
}

/** Draws the index of one of the weights, in proportion to them. */
export class WeightedIndex {
  readonly #sums: number[] = [];

  constructor(weights: Iterable<number>) {
    let sum = 0;
    for (const weight of weights) this.#sums.push(sum += weight);
  }

  draw(random: Random): number {
    const wanted = random.next() * this.#sums[this.#sums.length - 1];
    let [low, high] = [0, this.#sums.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#sums[middle] > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
