/** A time in UTC, to the second, as HTML: `2026-11-21 06:00:00 UTC`. */
export function timeElement(time: Date): string {
  const iso = time.toISOString();
  return `<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC</time>`;
}
