import assert from "node:assert/strict";
import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { formatNumber } from "../../lib/charts/label.ts";
import { exportDashboard } from "../../lib/dashboard/export.ts";
import { DashboardServer } from "../../lib/dashboard/server.ts";
import { projectPath } from "../../lib/paths.ts";
import { browserTest, watchedPage } from "./browser.ts";
import { addHostileMentions, sampleTweets, withTables } from "./tables.ts";
import { assertShows, shown, untilShown, withDashboard } from "./with_dashboard.ts";

Deno.test(
  browserTest("counters, bars and streams are drawn, and equal the tables", async (browser) => {
    await withTables(async (session) => {
      await withDashboard(session.lake.folder, async (url) => {
        const { page, said } = await watchedPage(browser);
        await page.goto(url);
        const { charts, streams } = await assertShows(page, session);
        assert.equal(charts["Top 10 tweeters"].length, 10);
        assert.deepEqual(streams.map(([name, state]) => `${name} ${state}`), [
          "bronze_stream ended",
          "silver_stream ended",
          "gold_stream ended",
          "application_stream ended",
        ]);
        const longest: number[] = [];
        for (const chart of await page.locator("table.bars").all()) {
          const bars = await chart.locator("rect").all();
          const boxes = await Promise.all(bars.map(async (bar) => (await bar.boundingBox())!));
          const values = (await chart.locator("tbody td:last-child").allTextContents()).map(Number);
          assert.equal(boxes.length, values.length);
          const unit = boxes[0].width / values[0];
          boxes.forEach(({ width, height }, i) => {
            assert.ok(height > 10);
            assert.ok(Math.abs(width - values[i] * unit) < 1.5, `${width} for ${values[i]}`);
          });
          longest.push(boxes[0].width);
        }
        assert.equal(longest.length, 3);
        assert.ok(longest.every((width) => width > 80), `${longest}`);
        assert.deepEqual(said, []);
      });
    });
  }),
);

Deno.test(browserTest(
  "the page changes when another process commits, and rests when paused",
  async (browser) => {
    await withTables(async (session) => {
      const lake = session.lake.folder;
      await withDashboard(lake, async (url) => {
        const { page, said } = await watchedPage(browser);
        await page.goto(url);
        await page.waitForSelector("#state.live");
        const program = projectPath("tests/dashboard/fixtures/commit.ts");
        const statements = [
          `INSERT INTO bronze ("user") SELECT 'zoe' FROM range(99)`,
          "INSERT INTO silver (tweet_id) SELECT 'new#' || range FROM range(99)",
        ];
        const { code, stderr } = await new Deno.Command(Deno.execPath(), {
          args: ["run", "-A", "--no-check", program, lake, ...statements],
        }).output();
        assert.equal(code, 0, new TextDecoder().decode(stderr));
        const { counters, charts } = await untilShown(page, session);
        assert.equal(counters["Tweets"], formatNumber(sampleTweets.length + 99));
        assert.deepEqual(charts["Top 10 tweeters"][0], ["zoe", "99"]);

        const pause = page.getByRole("button", { name: "Pause" });
        await pause.click();
        await page.getByText("Paused").waitFor();
        const before = await shown(page);
        await addHostileMentions(session);
        // Another page, behind this one in the server's list, has the news.
        const { page: other } = await watchedPage(browser);
        await other.goto(url);
        await other.waitForSelector("#state.live");
        await untilShown(other, session);
        assert.deepEqual(await shown(page), before);
        await pause.click();
        await untilShown(page, session);
        assert.deepEqual(said, []);
      });
    });
  },
));

Deno.test(browserTest("a lake may be made and removed while the page is open", async (browser) => {
  await withTables(async (session, source) => {
    const place = join(source, "..", "not there yet");
    await withDashboard(place, async (url) => {
      const { page, said } = await watchedPage(browser);
      await page.goto(url);
      await page.waitForSelector("#state.live");
      const notice = await page.locator("main").innerText();
      assert.match(notice, /^Nothing to show yet\s+no lake in .*not there yet: run the notebooks/);
      await session.close();
      renameSync(session.lake.folder, place);
      await page.waitForSelector(".counters");
      assert.equal((await shown(page)).counters["Tweets"], formatNumber(sampleTweets.length));
      rmSync(place, { recursive: true });
      await page.waitForSelector(".notice");
      assert.ok(!existsSync(place), "looking makes no lake");
      assert.deepEqual(said, []);
    });
  });
}));

Deno.test(
  browserTest("the page says when its server has ended, and keeps the figures", async (browser) => {
    await withTables(async (session) => {
      const dashboard = await DashboardServer.start({ lake: session.lake.folder });
      const { page } = await watchedPage(browser);
      await page.goto(dashboard.url);
      await page.waitForSelector("#state.live");
      await dashboard.close();
      await page.getByText("Not connected").waitFor();
      await assertShows(page, session);
    });
  }),
);

Deno.test(
  browserTest("the exported file shows the same without server and network", async (browser) => {
    await withTables(async (session) => {
      const { file, bytes, figures } = await exportDashboard(
        session.lake,
        join(session.lake.folder, "..", "a folder", "it's the 1st #dashboard.html"),
      );
      assert.ok(bytes < 40_000, `${bytes}`);
      const { page, said, requested } = await watchedPage(browser);
      await page.goto(pathToFileURL(file).href);
      const { counters, streams } = await assertShows(page, session);
      assert.equal(counters["Tweets"], formatNumber(figures.counters!.tweets));
      assert.equal(streams.length, 4);
      const bar = await page.locator("rect").first().boundingBox();
      assert.ok(bar!.width > 80, "its style sheet is allowed");
      assert.deepEqual(said, []);
      assert.deepEqual(requested.filter((url) => !/^(data|file):/.test(url)), []);
    });
  }),
);
