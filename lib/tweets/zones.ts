/**
 * Time zones that tweets name, as hours from UTC. Abbreviations are ambiguous (`CST` is also
 * China's); the readings here are those of the English-speaking world, where Twitter's date format
 * comes from.
 */
export const zoneOffsets: Readonly<Record<string, number>> = {
  UTC: 0,
  GMT: 0,
  WET: 0,
  WEST: 1,
  BST: 1,
  IST: 5.5,
  CET: 1,
  CEST: 2,
  EET: 2,
  EEST: 3,
  MSK: 3,
  SGT: 8,
  HKT: 8,
  JST: 9,
  KST: 9,
  AWST: 8,
  ACST: 9.5,
  AEST: 10,
  AEDT: 11,
  NZST: 12,
  NZDT: 13,
  BRT: -3,
  ART: -3,
  NST: -3.5,
  NDT: -2.5,
  AST: -4,
  ADT: -3,
  EST: -5,
  EDT: -4,
  CST: -6,
  CDT: -5,
  MST: -7,
  MDT: -6,
  PST: -8,
  PDT: -7,
  AKST: -9,
  AKDT: -8,
  HST: -10,
};

/**
 * SQL for the instant of a tweet's date such as `Mon Apr 06 22:19:45 PDT 2009`, or with a number
 * for the zone (`+0200`). A date or zone that does not parse gives NULL.
 *
 * @param column SQL of the date's text.
 */
export function instantOf(column: string): string {
  const part = (group: number) => `regexp_extract(${column}, '${datePattern}', ${group})`;
  const local = `try_strptime(${part(1)} || ' ' || ${part(4)} || ' ' || ${part(2)}, ` +
    "'%b %d %Y %H:%M:%S')";
  return `(${local} - to_minutes(${minutesOf(part(3))})) AT TIME ZONE 'UTC'`;
}

/** The same in Spark's SQL, for a session whose time zone is UTC. */
export function instantInSpark(column: string): string {
  // A backslash in Spark's literals stands for itself where there are two.
  const pattern = datePattern.replaceAll("\\", "\\\\");
  const part = (group: number) => `regexp_extract(${column}, '${pattern}', ${group})`;
  const month = `array_position(array(${months.map((name) => `'${name}'`).join(", ")}), ` +
    `lower(left(${part(1)}, 3)))`;
  // Nothing of a text without a match is a number.
  const number = (text: string) => `try_cast(${text} AS INT)`;
  const [hour, minute, second] = [1, 4, 7].map((start) =>
    number(`substring(${part(2)}, ${start}, 2)`)
  );
  // Spark takes a 60th second for the next minute's first.
  const local = `CASE WHEN ${second} < 60 THEN try_make_timestamp(${number(part(4))}, ` +
    `CAST(${month} AS INT), ${number(`substring(${part(1)}, 4)`)}, ` +
    `${hour}, ${minute}, ${second}) END`;
  return `timestamp_seconds(unix_seconds(${local}) - 60 * (${minutesOf(part(3))}))`;
}

/** Minutes of a zone from UTC, in words that DuckDB and Spark share. */
function minutesOf(zone: string): string {
  const named = Object.entries(zoneOffsets).map(([name, hours]) =>
    `WHEN '${name}' THEN ${hours * 60}`
  );
  const number = (start: number) => `CAST(substring(${zone}, ${start}, 2) AS INTEGER)`;
  const numeric = `(CASE WHEN ${zone} LIKE '-%' THEN -1 ELSE 1 END) * ` +
    `(${number(2)} * 60 + ${number(4)})`;
  return `CASE ${zone} ${named.join(" ")} ELSE ` +
    `CASE WHEN ${zone} LIKE '+%' OR ${zone} LIKE '-%' THEN ${numeric} END END`;
}

const months = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");

// Weekday, month and day (1), time (2), zone (3), year (4). The weekday says nothing new.
const datePattern = "^\\s*[A-Za-z]{3} ([A-Za-z]{3} +[0-9]{1,2}) ([0-9]{2}:[0-9]{2}:[0-9]{2}) " +
  "([A-Z]{2,5}|[+-][0-9]{4}) ([0-9]{4})\\s*$";
