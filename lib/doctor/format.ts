/** Bytes as a person reads them: `2.6 MB`. */
export function size(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  const power = Math.max(0, Math.min(4, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return `${number(bytes / 1000 ** power)} ${units[power]}`;
}

/** A share of 1 as a person reads it: `12 %`. */
export function percent(share: number): string {
  return `${number(100 * share)} %`;
}

/** A number with as many digits as matter: `12,345`, `12`, `1.2`, `0.012`. */
export function number(value: number): string {
  const digits = Math.abs(value) >= 10 ? { maximumFractionDigits: 0 } : {
    maximumSignificantDigits: 2,
  };
  return value.toLocaleString("en", digits);
}
