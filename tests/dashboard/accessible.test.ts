import assert from "node:assert/strict";
import { contrast } from "../../lib/charts/colour.ts";
import { browserTest, watchedPage } from "./browser.ts";
import { withTables } from "./tables.ts";
import { withDashboard } from "./with_dashboard.ts";

for (const colorScheme of ["light", "dark"] as const) {
  browserTest(
    `the ${colorScheme} page is readable on a wide screen and a phone`,
    async (browser) => {
      await withTables(async (session) => {
        await withDashboard(session.lake.folder, async (url) => {
          const { page } = await watchedPage(browser, { colorScheme });
          await page.goto(url);
          await page.waitForSelector("#state.live");
          for (const width of [1200, 360]) {
            await page.setViewportSize({ width, height: 800 });
            const scrolled = await page.evaluate(() => document.documentElement.scrollWidth);
            assert.ok(scrolled <= width, `${scrolled} pixels wide on a screen of ${width}`);
            const texts = await page.evaluate(textColours);
            assert.ok(texts.length > 80);
            for (const { text, colour, background } of texts) {
              const found = contrast(colour, background);
              assert.ok(found >= 4.5, `"${text}" ${colour} on ${background}: ${found.toFixed(2)}`);
              assert.equal(contrast(background, "#000000") > 10, colorScheme === "light");
            }
          }
          for (const { colour, background } of await page.evaluate(barColours)) {
            assert.ok(contrast(colour, background) >= 3, `a bar in ${colour} on ${background}`);
          }
        });
      });
    },
  );
}

Deno.test(browserTest(
  "everything has a name for a screen reader, and is reached by keyboard",
  async (browser) => {
    await withTables(async (session) => {
      await withDashboard(session.lake.folder, async (url) => {
        const { page } = await watchedPage(browser, { viewport: { width: 360, height: 700 } });
        await page.goto(url);
        await page.waitForSelector("#state.live");
        const titles = [
          "Top 10 tweeters",
          "Top 10 by positive tweets",
          "Top 10 by negative tweets",
          "Streams and their last batch",
        ];
        for (const name of titles) {
          const table = page.getByRole("table", { name });
          assert.equal(await table.count(), 1, name);
          assert.equal(await table.getByRole("row").last().getByRole("rowheader").count(), 1);
        }
        assert.equal(await page.getByRole("heading", { level: 1 }).count(), 1);
        assert.equal(await page.locator("html").getAttribute("lang"), "en");

        const focused = () =>
          page.evaluate(() => {
            const { id, ariaLabel } = document.activeElement!;
            return [id || ariaLabel, getComputedStyle(document.activeElement!).outlineStyle];
          });
        await page.keyboard.press("Tab");
        assert.deepEqual(await focused(), ["pause", "solid"]);
        await page.keyboard.press("Space");
        assert.equal(await page.locator("#pause").getAttribute("aria-pressed"), "true");
        await page.keyboard.press("Tab");
        assert.deepEqual(await focused(), ["Streams", "solid"]);
      });
    });
  },
));

interface Colours {
  text: string;
  /** As #rrggbb, like the background. */
  colour: string;
  background: string;
}

/** Every text of the page with its colour and the one behind it. Runs in the page. */
function textColours(): Colours[] {
  const hex = (colour: string) =>
    "#" + colour.match(/\d+/g)!.slice(0, 3).map((part) => (+part).toString(16).padStart(2, "0"))
      .join("");
  const behind = (element: Element): string => {
    const { backgroundColor } = getComputedStyle(element);
    return backgroundColor === "rgba(0, 0, 0, 0)"
      ? behind(element.parentElement!)
      : backgroundColor;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found: Colours[] = [];
  while (walker.nextNode()) {
    const { parentElement: element, textContent } = walker.currentNode;
    if (!element || !textContent?.trim()) continue;
    found.push({
      text: textContent.slice(0, 20),
      colour: hex(getComputedStyle(element).color),
      background: hex(behind(element)),
    });
  }
  return found;
}

/** The bars' colours, and the one of the panel behind them. Runs in the page. */
function barColours(): Colours[] {
  const hex = (colour: string) =>
    "#" + colour.match(/\d+/g)!.slice(0, 3).map((part) => (+part).toString(16).padStart(2, "0"))
      .join("");
  return [...document.querySelectorAll("rect")].map((bar) => ({
    text: "",
    colour: hex(getComputedStyle(bar).fill),
    background: hex(getComputedStyle(bar.closest(".charts > div")!).backgroundColor),
  }));
}
