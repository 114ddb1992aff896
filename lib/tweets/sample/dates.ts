import { zoneOffsets } from "../zones.ts";
import type { Random } from "./random.ts";
import { rates } from "./rates.ts";

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
  return formatDate(first + seconds * 1000, zone, zoneOffsets[zone]);
}

/** An instant (milliseconds since 1970 UTC) as the clocks of a zone so many hours from UTC show it. */
export function formatDate(instant: number, zone: string, hoursFromUtc: number): string {
  const local = new Date(instant + hoursFromUtc * 3_600_000);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${months[local.getUTCMonth()]} ${two(local.getUTCDate())}`;
  const time = [local.getUTCHours(), local.getUTCMinutes(), local.getUTCSeconds()].map(two)
    .join(":");
  return [weekdays[local.getUTCDay()], day, time, zone, local.getUTCFullYear()].join(" ");
}
