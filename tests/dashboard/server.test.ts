import assert from "node:assert/strict";
import { get, type IncomingMessage, request } from "node:http";
import { renameSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { DashboardServer } from "../../lib/dashboard/server.ts";
import { LakeWatch } from "../../lib/dashboard/watch.ts";
import { Lakehouse } from "../../lib/lakehouse/lakehouse.ts";
import { commitSql, withFolder } from "../lakehouse/with_lake.ts";
import { addHostileMentions, withTables } from "./tables.ts";
import { withDashboard } from "./with_dashboard.ts";

/** Asks with any method and headers, also those that fetch() sets itself. */
async function ask(
  url: string | URL,
  options: { method?: string; path?: string; headers?: Record<string, string> } = {},
): Promise<{ status?: number; headers: IncomingMessage["headers"]; body: string }> {
  const response = await new Promise<IncomingMessage>((resolve, reject) =>
    request(url, { ...options, agent: false }, resolve).on("error", reject).end()
  );
  let body = "";
  for await (const part of response.setEncoding("utf8")) body += part;
  return { status: response.statusCode, headers: response.headers, body };
}

Deno.test("the dashboard answers to its own address only", async () => {
  await withFolder(async (folder) => {
    await withDashboard(join(folder, "lake"), async (url) => {
      const { port, pathname } = new URL(url);
      assert.equal((await ask(url)).status, 200);
      const status = async (host: string) => (await ask(url, { headers: { host } })).status;
      assert.equal(await status(`localhost:${port}`), 200);
      for (
        const host of [`attacker.example:${port}`, "127.0.0.1", `127.0.0.1.example:${port}`]
      ) {
        assert.equal(await status(host), 403, host);
      }
      assert.equal((await ask(url, { method: "POST" })).status, 405);
      assert.equal((await ask(url, { path: "*" })).status, 403);
      const other = `http://127.0.0.1:${port}`;
      for (
        const path of ["/", "/events", `${pathname.slice(0, -2)}x/`, "/../page.css", "//", "/é/"]
      ) {
        const { status, body } = await ask(encodeURI(other + path));
        assert.equal(status, 403, path);
        assert.doesNotMatch(body, /lake/);
      }
      for (const file of ["server.ts", "../../../deno.json", "..%2f..%2fdeno.json"]) {
        assert.notEqual((await ask(url + file)).status, 200, file);
      }
    });
  });
});

Deno.test("every answer of the dashboard forbids what the page does not need", async () => {
  await withFolder(async (folder) => {
    await withDashboard(join(folder, "lake"), async (url) => {
      for (const file of ["", "page.css", "live.js", "nothing"]) {
        const { headers } = await ask(url + file);
        assert.match(String(headers["content-security-policy"]), /^default-src 'none'; /);
        assert.doesNotMatch(String(headers["content-security-policy"]), /unsafe|\*|http/);
        assert.equal(headers["x-content-type-options"], "nosniff");
        assert.equal(headers["referrer-policy"], "no-referrer");
        assert.equal(headers["cross-origin-resource-policy"], "same-origin");
        assert.equal(headers["access-control-allow-origin"], undefined);
      }
    });
  });
});

Deno.test("the dashboard listens on loopback only, and its address differs from start to start", async () => {
  await withFolder(async (folder) => {
    const tokens = new Set<string>();
    for (let i = 0; i < 2; i++) {
      await withDashboard(join(folder, "lake"), async (url) => {
        const { port, hostname, pathname } = new URL(url);
        assert.equal(hostname, "127.0.0.1");
        assert.match(pathname, /^\/[0-9a-f]{32}\/$/);
        tokens.add(pathname);
        const outside = Object.values(networkInterfaces()).flat()
          .find((address) => address && !address.internal && address.family === "IPv4");
        if (!outside) return;
        await assert.rejects(ask(`http://${outside.address}:${port}${pathname}`));
      });
    }
    assert.equal(tokens.size, 2);
  });
});

Deno.test("the dashboard says which port is taken", async () => {
  await withFolder(async (folder) => {
    await withDashboard(folder, async (url) => {
      const port = Number(new URL(url).port);
      await assert.rejects(DashboardServer.start({ lake: folder, port }), {
        message: new RegExp(`^cannot serve on port ${port}: .*Name another --port`),
      });
    });
  });
});

Deno.test("the dashboard ends while pages listen to it", async () => {
  await withTables(async (session) => {
    const dashboard = await DashboardServer.start({ lake: session.lake.folder });
    const events = await new Promise<IncomingMessage>((resolve) =>
      get(`${dashboard.url}events`, { agent: false }, resolve)
    );
    let received = "";
    events.setEncoding("utf8").on("data", (part) => received += part);
    await new Promise((resolve) => events.once("data", resolve));
    const closed = new Promise((resolve) => events.once("close", resolve));
    await dashboard.close();
    await closed;
    assert.match(received, /^data: "<section/);
  });
});

Deno.test("LakeWatch reads the tables only when something has changed", async () => {
  await withTables(async (session) => {
    const watch = new LakeWatch(session.lake.folder);
    try {
      const first = await watch.look();
      // The time of reading stands in the content.
      assert.equal(await watch.look(), first);
      assert.equal(await watch.look(), first);
      await addHostileMentions(session);
      const second = await watch.look();
      assert.notEqual(second, first);
      assert.equal(await watch.look(), second);
      const [one, other] = await Promise.all([watch.look(), watch.look()]);
      assert.equal(one, other);
    } finally {
      await watch.close();
    }
  });
});

Deno.test("LakeWatch notices that another lake stands in the place of the one it has read", async () => {
  await withTables(async (session) => {
    const { folder } = session.lake;
    const watch = new LakeWatch(folder);
    try {
      assert.match(await watch.look(), /<dd>264<\/dd>/);
      await session.close();
      renameSync(folder, `${folder} of yesterday`);
      const lake = await Lakehouse.open(folder);
      await lake.createTable("silver", {
        tweet_id: "VARCHAR",
        mention: "VARCHAR",
        more: "VARCHAR",
      });
      await commitSql(lake, "INSERT INTO silver VALUES ('a#1', NULL, '')");
      lake.close();
      assert.match(await watch.look(), /<dt>Tweets<\/dt><dd>1<\/dd>/);
    } finally {
      await watch.close();
    }
  });
});
