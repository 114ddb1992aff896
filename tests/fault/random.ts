/** Random numbers that a seed repeats: mulberry32, by Tommy Ettinger (public domain). */
export class Random {
  #state: number;

  /** @param seed Any text. */
  constructor(seed: string) {
    // FNV-1a, so that seeds that differ in one letter start far from each other.
    this.#state = [...seed].reduce(
      (hash, char) => Math.imul(hash ^ char.codePointAt(0)!, 16777619),
      2166136261,
    );
  }

  /** A number from 0 up to, not including, `end`. */
  below(end: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296 * end;
  }

  /** A whole number from `first` to `last`. */
  integer(first: number, last: number): number {
    return first + Math.floor(this.below(last - first + 1));
  }

  pick<T>(values: readonly T[]): T {
    return values[this.integer(0, values.length - 1)];
  }

  shuffle<T>(values: readonly T[]): T[] {
    const result = [...values];
    for (let last = result.length - 1; last > 0; last--) {
      const other = this.integer(0, last);
      [result[last], result[other]] = [result[other], result[last]];
    }
    return result;
  }
}
