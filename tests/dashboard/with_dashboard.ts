import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { formatNumber, oneLine } from "../../lib/charts/label.ts";
import { DashboardServer } from "../../lib/dashboard/server.ts";
import type { Session } from "../../lib/streaming/session.ts";

/** Runs a test on a served lake. */
export async function withDashboard(
  lake: string,
  test: (url: string) => Promise<void>,
): Promise<void> {
  const dashboard = await DashboardServer.start({ lake, interval: 50 });
  try {
    await test(dashboard.url);
  } finally {
    await dashboard.close();
  }
}

/** What stands on a page, as a person reads it. */
export interface Shown {
  /** The counters' values by their names. */
  counters: Record<string, string>;
  /** The charts' labels and values by their titles. */
  charts: Record<string, [label: string, value: string][]>;
  /** The cells of the table of streams. */
  streams: string[][];
}

/** Reads a page. */
export function shown(page: Page): Promise<Shown> {
  return page.evaluate(() => {
    const texts = (root: Element, selector: string) =>
      [...root.querySelectorAll(selector)].map((element) => element.textContent ?? "");
    const rows = (table: Element) =>
      [...table.querySelectorAll("tbody tr")].map((row) => texts(row, "th, td"));
    const counters = [...document.querySelectorAll(".counters > div")];
    const charts = [...document.querySelectorAll("table.bars")];
    return {
      counters: Object.fromEntries(counters.map((counter) => texts(counter, "dt, dd"))),
      charts: Object.fromEntries(charts.map((chart) => [
        texts(chart, "caption")[0],
        rows(chart).map(([label, , value]): [string, string] => [label, value]),
      ])),
      streams: [...document.querySelectorAll("table.streams")].flatMap(rows),
    };
  });
}

/** Checks that a page shows what the tables hold; returns what it shows. */
export async function assertShows(page: Page, session: Session): Promise<Shown> {
  const found = await shown(page);
  assert.deepEqual([found.counters, found.charts], await expected(session));
  return found;
}

/** The same, once the page has come to the lake's newest version. */
export async function untilShown(page: Page, session: Session): Promise<Shown> {
  const version = formatNumber(await session.lake.currentVersion());
  await page.waitForFunction(
    (start) => document.querySelector(".source")?.textContent?.startsWith(start),
    `Version ${version} `,
  );
  return await assertShows(page, session);
}

/** Counters and charts, asked of the tables in other words than the dashboard's. */
async function expected(session: Session): Promise<unknown[]> {
  const [counts] = await session.sql(
    `SELECT count(*) AS tweets, count_if(mentions) AS w, count_if(NOT mentions) AS wo
     FROM (SELECT bool_or(mention IS NOT NULL) AS mentions FROM silver GROUP BY tweet_id)`,
  );
  const bars = async (query: string) =>
    (await session.sql(`${query} ORDER BY value DESC, label LIMIT 10`))
      .map(({ label, value }) => [oneLine(label, 100), formatNumber(value)]);
  const mentions = (sentiment: string) =>
    bars(
      `SELECT mention AS label, ${sentiment} AS value FROM application WHERE ${sentiment} <> 0`,
    );
  return [{
    "Tweets": formatNumber(counts.tweets),
    "With a mention": formatNumber(counts.w),
    "Without a mention": formatNumber(counts.wo),
  }, {
    "Top 10 tweeters": await bars(
      `SELECT "user" AS label, count(*) AS value FROM bronze GROUP BY ALL`,
    ),
    "Top 10 by positive tweets": await mentions("positive"),
    "Top 10 by negative tweets": await mentions("negative"),
  }];
}
