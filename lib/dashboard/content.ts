import type { BarRow } from "../charts/bar.ts";
import { formatNumber } from "../charts/label.ts";
import { escapeHtml } from "../notebook/escape.ts";
import { barTable, type BarTableOptions } from "./bar_table.ts";
import { barLimit, type DashboardFigures } from "./figures.ts";
import { streamTable } from "./stream_table.ts";
import { timeElement } from "./time_element.ts";

/**
 * What the page shows of the lake, as HTML: counters, charts and streams. Whatever comes from a
 * tweet is escaped here and below; nothing makes HTML of it again.
 */
export function contentHtml(figures: DashboardFigures): string {
  const { version, readAt, counters, tweeters, positive, negative, streams } = figures;
  const mentions = { labelTitle: "Mention", valueTitle: "Tweets" };
  const charts = [
    chart(tweeters, {
      title: `Top ${barLimit} tweeters`,
      labelTitle: "User",
      valueTitle: "Tweets",
      colour: "plain",
    }),
    chart(positive, {
      title: `Top ${barLimit} by positive tweets`,
      colour: "positive",
      ...mentions,
    }),
    chart(negative, {
      title: `Top ${barLimit} by negative tweets`,
      colour: "negative",
      ...mentions,
    }),
  ];
  const what = version === null ? "Read" : `Version ${formatNumber(version)} of the lake, read`;
  return `<section aria-label="Counters">
${counters ? counterList(counters) : notYet("Tweets")}
</section>
<section class="charts" aria-label="Charts">
${charts.join("\n")}
</section>
<section class="scroll" role="region" aria-label="Streams" tabindex="0">
${streamTable(streams)}
</section>
<p class="source">${what} ${timeElement(readAt)}.
Positive and negative are what the model predicts of a tweet.</p>`;
}

/** What the page shows while there is no lake, or it cannot be read. */
export function noticeHtml(title: string, text: string): string {
  return `<div class="notice"><h2>${escapeHtml(title)}</h2><p>${escapeHtml(text)}</p></div>`;
}

function counterList(counters: NonNullable<DashboardFigures["counters"]>): string {
  const items = Object.entries({
    "Tweets": counters.tweets,
    "With a mention": counters.withMention,
    "Without a mention": counters.withoutMention,
  }).map(([name, value]) => `<div><dt>${name}</dt><dd>${formatNumber(value)}</dd></div>`);
  return `<dl class="counters">\n${items.join("\n")}\n</dl>`;
}

function chart(rows: BarRow[] | null, options: Omit<BarTableOptions, "rows">): string {
  return rows ? barTable({ ...options, rows }) : notYet(options.title);
}

function notYet(title: string): string {
  return noticeHtml(
    title,
    "Its table is not there yet. It shows here as soon as the notebooks, or deno task pipeline, " +
      "have made it.",
  );
}
