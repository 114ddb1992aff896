/** The least and the greatest of some numbers; of none, Infinity and -Infinity. */
export function extent(numbers: readonly number[]): [least: number, greatest: number] {
  // One by one: Math.max(...numbers) takes some 100,000 at most.
  let [least, greatest] = [Infinity, -Infinity];
  for (const number of numbers) {
    least = Math.min(least, number);
    greatest = Math.max(greatest, number);
  }
  return [least, greatest];
}
