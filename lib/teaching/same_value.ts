/**
 * Whether two values mean the same: numbers within a millionth of each other (a figure may be
 * rounded on its way), whole numbers of either kind, dates of one instant, and arrays, objects, maps
 * and sets of such values. The order of an object's keys does not count, that of a map's does.
 */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (isNumber(a) && isNumber(b)) {
    const [x, y] = [Number(a), Number(b)];
    return Math.abs(x - y) <= 1e-6 * Math.max(1, Math.abs(x), Math.abs(y));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const kind = kindOf(a);
  if (kindOf(b) !== kind) return false;
  if (kind === "Date") return Number(a) === Number(b);
  if (kind === "Map" || kind === "Set") return sameValue(entriesOf(a), entriesOf(b));
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && sameValue(a[key], b[key]));
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

// The answer's values may come from another realm (a kernel's cell), where `instanceof` says no.
function kindOf(value: object): string {
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}

function entriesOf(collection: object): unknown[] {
  return [...collection as Iterable<unknown>];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
