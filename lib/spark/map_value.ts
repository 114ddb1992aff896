/**
 * A value of a map of Spark's, such as `operationMetrics`, which arrives as a list of its pairs.
 *
 * @param keys What it may be called: Delta has two names for some figures.
 * @returns undefined where the map has none of the keys, or is NULL.
 */
export function mapValue(
  map: readonly { key: string; value: string }[] | null,
  ...keys: string[]
): string | undefined {
  return map?.find(({ key }) => keys.includes(key))?.value;
}
