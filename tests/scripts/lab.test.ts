import assert from "node:assert/strict";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { runScript, startScript } from "./script.ts";

Deno.test("deno task lab serves the project's two kernels to whoever has the token", async () => {
  const lab = startScript("lab", ["--no-browser"]);
  let log = "";
  let address: URL | undefined;
  const ended = lab.status;
  const drained = lab.stdout.cancel();
  // A JupyterLab that never says where it is must not hold up the tests.
  const patience = setTimeout(() => lab.kill("SIGTERM"), 120_000);
  for await (const text of lab.stderr.pipeThrough(new TextDecoderStream())) {
    log += text;
    const [found] = log.match(/http:\/\/127\.0\.0\.1:\d+\/lab\S*\?token=\w+/) ?? [];
    if (!found || address) continue;
    address = new URL(found);
    try {
      const kernels = new URL(`/api/kernelspecs${address.search}`, address);
      const { default: first, kernelspecs } = await (await connected(kernels)).json();
      assert.equal(first, "deno");
      assert.deepEqual(Object.keys(kernelspecs).sort(), ["deno", "tslab"]);
      const stranger = await fetch(new URL("/api/contents", address));
      assert.equal(stranger.status, 403);
      await stranger.body?.cancel();
      const news = await fetch(new URL(`/lab/api/news${address.search}`, address));
      assert.deepEqual(await news.json(), { news: [] });
    } finally {
      lab.kill("SIGTERM");
    }
  }
  clearTimeout(patience);
  await drained;
  assert.equal((await ended).code, 0);
  assert.ok(address, log);
});

/** Fetches; JupyterLab says where it is a moment before it listens there. */
async function connected(url: URL): Promise<Response> {
  for (let attempts = 100;; attempts--) {
    try {
      return await fetch(url);
    } catch (error) {
      if (attempts === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

Deno.test("deno task lab refuses a --port that is taken, or is none", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as AddressInfo;
  try {
    const { code, stderr } = await runScript("lab", ["--no-browser", "--port", String(port)]);
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`Port ${port} .*Choose another --port`));
  } finally {
    await new Promise((resolve) => other.close(resolve));
  }
  assert.equal((await runScript("lab", ["--port", "http"])).code, 2);
  assert.equal((await runScript("lab", ["--port", "70000"])).code, 2);
});
