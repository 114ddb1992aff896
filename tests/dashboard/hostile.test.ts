import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { oneLine } from "../../lib/charts/label.ts";
import { exportDashboard } from "../../lib/dashboard/export.ts";
import { browserTest, watchedPage } from "./browser.ts";
import { addHostileMentions, hostileUsers, withTables } from "./tables.ts";
import { assertShows, withDashboard } from "./with_dashboard.ts";

Deno.test(browserTest("hostile names are text, on the page and in the file", async (browser) => {
  await withTables(async (session) => {
    await addHostileMentions(session);
    const { file } = await exportDashboard(session.lake, join(session.lake.folder, "page.html"));
    await withDashboard(session.lake.folder, async (url) => {
      for (const address of [url, pathToFileURL(file).href]) {
        const { page, said, requested } = await watchedPage(browser);
        await page.goto(address);
        if (address === url) await page.waitForSelector("#state.live");
        const { charts } = await assertShows(page, session);
        assert.deepEqual(
          charts["Top 10 tweeters"].slice(0, 8).map(([name]) => name),
          hostileUsers.map((name) => oneLine(name, 100)),
        );
        // What the pointer over a name would start.
        for (const name of await page.locator(".bars tbody th").all()) await name.hover();
        assert.equal(await page.evaluate("window.hacked"), undefined);
        assert.equal(await page.locator("main :is(script, img, b, iframe, a)").count(), 0);
        assert.deepEqual(said, []);
        const own = address === url ? url : "file:";
        const strange = requested.filter((to) => !to.startsWith(own) && !to.startsWith("data:"));
        assert.deepEqual(strange, []);
      }
    });
  });
}));

Deno.test(browserTest(
  "markup that got onto the page in spite of everything would not run",
  async (browser) => {
    await withTables(async (session) => {
      const { file } = await exportDashboard(session.lake, join(session.lake.folder, "page.html"));
      await withDashboard(session.lake.folder, async (url) => {
        for (const address of [url, pathToFileURL(file).href]) {
          const { page, said } = await watchedPage(browser);
          await page.goto(address);
          await page.evaluate(async () => {
            const place = document.createElement("div");
            document.body.append(place);
            place.innerHTML = '<img src="data:," onerror="window.hacked = 1">';
            // Behind the image's own handler, were it one.
            await new Promise((resolve) => place.firstChild!.addEventListener("error", resolve));
            const script = document.createElement("script");
            script.textContent = "window.hacked = 2";
            place.append(script);
          });
          assert.equal(await page.evaluate("window.hacked"), undefined);
          assert.equal(said.filter((line) => line.includes("Content Security Policy")).length, 2);
        }
      });
    });
  },
));
