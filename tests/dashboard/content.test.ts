import assert from "node:assert/strict";
import { JSDOM } from "jsdom";
import { contentHtml, noticeHtml } from "../../lib/dashboard/content.ts";
import { filePage } from "../../lib/dashboard/page.ts";

const hostile = `</td><script>alert(1)</script><img src=x onerror='alert("2")'>&lt;b&gt;`;

const documentOf = (content: string): Document => new JSDOM(filePage(content)).window.document;
const textsOf = (document: Document, selector: string): string[] =>
  Array.from(document.querySelectorAll(selector)).map(({ textContent }) => textContent!);

Deno.test("contentHtml() shows names and errors as they are, whatever they hold", () => {
  const rows = [{ label: hostile, value: 3 }, { label: "__proto__", value: 1 }];
  const document = documentOf(contentHtml({
    version: 1,
    readAt: new Date(0),
    counters: { tweets: 12_345, withMention: 2, withoutMention: 0 },
    tweeters: rows,
    positive: [],
    negative: null,
    streams: [{ name: hostile, state: "failed", error: hostile, lastBatch: null }],
  }));
  assert.equal(document.querySelectorAll("script, img, b").length, 0);
  assert.deepEqual(textsOf(document, "tbody th"), [hostile, "__proto__", hostile]);
  assert.equal(document.querySelector("tbody th")!.getAttribute("title"), hostile);
  assert.deepEqual(textsOf(document, "small"), [hostile]);
  assert.deepEqual(textsOf(document, "dd"), ["12,345", "2", "0"]);
  const widths = Array.from(document.querySelectorAll("rect"), (bar) => bar.getAttribute("width"));
  assert.deepEqual(widths, ["100.00%", "33.33%"]);
  assert.deepEqual(textsOf(document, "h2"), ["Top 10 by negative tweets"], "not there yet");
});

Deno.test("noticeHtml() shows an error as it is, whatever it quotes", () => {
  const document = documentOf(noticeHtml(hostile, hostile));
  assert.deepEqual(textsOf(document, ".notice > *"), [hostile, hostile]);
  assert.equal(document.querySelectorAll("script, img, b").length, 0);
});
