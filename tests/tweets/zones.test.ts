import { listValue } from "@duckdb/node-api";
import assert from "node:assert/strict";
import { instantOf, zoneOffsets } from "../../lib/tweets/zones.ts";
import { withLake } from "../lakehouse/with_lake.ts";

/** What DuckDB reads from these dates, as ISO strings or null. */
async function instants(dates: (string | null)[]): Promise<(string | null)[]> {
  let result: (string | null)[] = [];
  await withLake(async (lake) => {
    const rows = await lake.sql(
      `SELECT ${instantOf("date")} AS instant FROM
         (SELECT unnest($dates) AS date, generate_subscripts($dates, 1) AS place) ORDER BY place`,
      { dates: listValue(dates) },
    );
    result = rows.map(({ instant }) => instant === null ? null : instant.toISOString());
  });
  return result;
}

Deno.test("dates of several zones become the instants that they name", async () => {
  const expected: [string, string][] = [
    ["Mon Apr 06 22:19:45 PDT 2009", "2009-04-07T05:19:45.000Z"],
    ["Mon Apr  6 22:19:45 PDT 2009", "2009-04-07T05:19:45.000Z"],
    ["Wed Dec 31 23:59:59 PST 2008", "2009-01-01T07:59:59.000Z"],
    ["Thu Jan 01 00:00:00 JST 2009", "2008-12-31T15:00:00.000Z"],
    ["Sun Feb 29 12:00:00 UTC 2004", "2004-02-29T12:00:00.000Z"],
    ["Sat Jun 20 08:30:00 BST 2009", "2009-06-20T07:30:00.000Z"],
    ["Sat Jun 20 08:30:00 CEST 2009", "2009-06-20T06:30:00.000Z"],
    ["Sat Jun 20 08:30:00 IST 2009", "2009-06-20T03:00:00.000Z"],
    ["Sat Jan 10 08:30:00 NST 2009", "2009-01-10T12:00:00.000Z"],
    ["Mon Apr 06 22:19:45 +0000 2009", "2009-04-06T22:19:45.000Z"],
    ["Mon Apr 06 22:19:45 +0530 2009", "2009-04-06T16:49:45.000Z"],
    ["Mon Apr 06 22:19:45 -0330 2009", "2009-04-07T01:49:45.000Z"],
    ["Mon Apr 06 22:19:45 -0030 2009", "2009-04-06T22:49:45.000Z"],
    [" Mon Apr 06 22:19:45 GMT 2009\n", "2009-04-06T22:19:45.000Z"],
  ];
  assert.deepEqual(await instants(expected.map(([date]) => date)), expected.map(([, iso]) => iso));
});

Deno.test("what is no date, or names no zone we know, becomes NULL", async () => {
  const dates = [
    null,
    "",
    "yesterday",
    "2009-04-06 22:19:45",
    "Mon Apr 06 22:19:45 2009",
    "Mon Apr 06 22:19:45 XYZ 2009",
    "Mon Apr 06 22:19:45 LOCAL 2009",
    "Mon Apr 06 22:19:45 pdt 2009",
    "Mon Apr 06 22:19:45 PDT2 2009",
    "Mon Apr 06 22:19:45 +02 2009",
    "Mon Apr 06 22:19:45 +aabb 2009",
    "Sat Foo 31 12:00:00 PDT 2009",
    "Mon Apr 06 25:61:61 PDT 2009",
    "Mon Feb 30 10:00:00 UTC 2009",
    "Sun Feb 29 10:00:00 UTC 2009",
    "Mon Apr 00 10:00:00 UTC 2009",
    "Mon Apr 06 22:19:45 PDT 20099",
    "Mon Apr 06 22:19:45 PDT 2009; DROP TABLE bronze",
    "x Mon Apr 06 22:19:45 PDT 2009",
  ];
  assert.deepEqual(await instants(dates), dates.map(() => null));
});

// A place for each abbreviation, and the month in which its clocks show it.
const january = 0;
const july = 6;
const places: Record<string, [string, number]> = {
  UTC: ["UTC", july],
  GMT: ["Europe/London", january],
  BST: ["Europe/London", july],
  WET: ["Europe/Lisbon", january],
  WEST: ["Europe/Lisbon", july],
  CET: ["Europe/Paris", january],
  CEST: ["Europe/Paris", july],
  EET: ["Europe/Athens", january],
  EEST: ["Europe/Athens", july],
  MSK: ["Europe/Moscow", january],
  IST: ["Asia/Kolkata", july],
  SGT: ["Asia/Singapore", july],
  HKT: ["Asia/Hong_Kong", july],
  JST: ["Asia/Tokyo", july],
  KST: ["Asia/Seoul", july],
  AWST: ["Australia/Perth", july],
  ACST: ["Australia/Adelaide", july],
  AEST: ["Australia/Sydney", july],
  AEDT: ["Australia/Sydney", january],
  NZST: ["Pacific/Auckland", july],
  NZDT: ["Pacific/Auckland", january],
  BRT: ["America/Sao_Paulo", july],
  ART: ["America/Argentina/Buenos_Aires", july],
  NST: ["America/St_Johns", january],
  NDT: ["America/St_Johns", july],
  AST: ["America/Halifax", january],
  ADT: ["America/Halifax", july],
  EST: ["America/New_York", january],
  EDT: ["America/New_York", july],
  CST: ["America/Chicago", january],
  CDT: ["America/Chicago", july],
  MST: ["America/Denver", january],
  MDT: ["America/Denver", july],
  PST: ["America/Los_Angeles", january],
  PDT: ["America/Los_Angeles", july],
  AKST: ["America/Anchorage", january],
  AKDT: ["America/Anchorage", july],
  HST: ["Pacific/Honolulu", july],
};

/** An instant as Twitter writes it, by the clocks of a place. */
function asTweetDate(instant: Date, timeZone: string, zone: string): string {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    weekday: "short",
    month: "short",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    year: "numeric",
  });
  const part = Object.fromEntries(
    format.formatToParts(instant).map(({ type, value }) => [type, value]),
  );
  return `${part.weekday} ${part.month} ${part.day} ${part.hour}:${part.minute}:${part.second} ` +
    `${zone} ${part.year}`;
}

Deno.test("every zone that is known agrees with the clocks of its place", async () => {
  assert.deepEqual(Object.keys(places).sort(), Object.keys(zoneOffsets).sort());
  // Days near both ends of the month and of the day.
  const cases = Object.entries(places).flatMap(([zone, [place, month]]) =>
    [[3, 0, 5], [15, 12, 30], [28, 23, 59]].map(([day, hour, minute]) => {
      const instant = new Date(Date.UTC(2009, month, day, hour, minute, 7));
      return { date: asTweetDate(instant, place, zone), iso: instant.toISOString() };
    })
  );
  const read = await instants(cases.map(({ date }) => date));
  for (const [index, { date, iso }] of cases.entries()) assert.equal(read[index], iso, date);
});

Deno.test("zones of the United States are those that JavaScript's own parser knows", async () => {
  const dates = ["PST", "PDT", "MST", "MDT", "CST", "CDT", "EST", "EDT", "GMT", "UTC"].map(
    (zone) => `Sun May 17 03:04:05 ${zone} 2009`,
  );
  const expected = dates.map((date) => {
    const [, month, day, time, zone, year] = date.split(" ");
    return new Date(`${month} ${day} ${year} ${time} ${zone}`).toISOString();
  });
  assert.deepEqual(await instants(dates), expected);
});
