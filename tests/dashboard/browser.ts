import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";

/** Where systems install Chromium or Chrome. */
const program = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
].find((path) => existsSync(path));

const flags = [
  "--no-sandbox", // root in a container has none
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * A test in a real browser, for `Deno.test`; on a machine without one it counts as skipped. (A test
 * counts for the module that calls `Deno.test`, so that is not done here.)
 */
export function browserTest(
  name: string,
  test: (browser: Browser, context: Deno.TestContext) => Promise<void>,
): Deno.TestDefinition {
  return {
    name: `in the browser: ${name}`,
    ignore: program === undefined,
    async fn(context) {
      const browser = await chromium.launch({ executablePath: program, args: flags });
      try {
        await test(browser, context);
      } finally {
        await browser.close();
      }
    },
  };
}

/** A page, with what its console says and what it asks the network for from its first moment on. */
export async function watchedPage(
  browser: Browser,
  options: Parameters<Browser["newPage"]>[0] = {},
): Promise<{ page: Page; said: string[]; requested: string[] }> {
  const page = await browser.newPage(options);
  const said: string[] = [];
  const requested: string[] = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  page.on("dialog", (dialog) => said.push(`dialog: ${dialog.message()}`));
  page.on("request", (request) => requested.push(request.url()));
  return { page, said, requested };
}
