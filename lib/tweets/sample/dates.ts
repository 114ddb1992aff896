import type { Random } from "./random.ts";
import { rates } from "./rates.ts";

type Zone = keyof typeof rates.zones;

// Hours from UTC.
const offsets: Record<Zone, number> = {
  PDT: -7,
  PST: -8,
  MDT: -6,
  MST: -7,
  CDT: -5,
  CST: -6,
  EDT: -4,
  EST: -5,
  GMT: 0,
  UTC: 0,
  BST: 1,
  CET: 1,
  CEST: 2,
  JST: 9,
};
const unknownZones = ["XYZ", "QQT", "LOCAL"];
const brokenDates = [
  "",
  "yesterday",
  "2009-04-06 22:19:45",
  "Sat Foo 31 12:00:00 PDT 2009",
  "Mon Apr 06 25:61:61 PDT 2009",
  "Mon Feb 30 10:00:00 UTC 2009",
  "Mon Apr 06 22:19:45 2009",
];

const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
// deno-fmt-ignore
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

// The weeks of the Sentiment140 tweets.
const first = Date.UTC(2009, 3, 6);
const days = 80;

/**
 * A date of spring 2009 as Twitter wrote it: `Mon Apr 06 22:19:45 PDT 2009`, local time of the zone
 * it names. A few have an unknown zone, or are no date, as {@linkcode rates} says.
 */
export function randomDate(random: Random): string {
  const seconds = random.below(days * 86_400);
  const kind = random.next();
  if (kind < rates.brokenDate) return random.pick(brokenDates);
  if (kind < rates.brokenDate + rates.unknownZone) {
    return formatDate(first + seconds * 1000, random.pick(unknownZones), 0);
  }
  const zone = random.choose(rates.zones);
  return formatDate(first + seconds * 1000, zone, offsets[zone]);
}

/** An instant (milliseconds since 1970 UTC) as the clocks of a zone so many hours from UTC show it. */
export function formatDate(instant: number, zone: string, hoursFromUtc: number): string {
  const local = new Date(instant + hoursFromUtc * 3_600_000);
  const two = (value: number) => String(value).padStart(2, "0");
  const time = [local.getUTCHours(), local.getUTCMinutes(), local.getUTCSeconds()].map(two);
  return `${weekdays[local.getUTCDay()]} ${months[local.getUTCMonth()]} ${
    two(local.getUTCDate())
  } ` +
    `${time.join(":")} ${zone} ${local.getUTCFullYear()}`;
}
