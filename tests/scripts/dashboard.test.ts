import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { withTables } from "../dashboard/tables.ts";
import { runScript, startScript } from "./script.ts";

Deno.test("dashboard prints the address of its page, and ends with 0 when it is asked to", async () => {
  await withTables(async (session) => {
    const child = startScript("dashboard", ["--lake", session.lake.folder]);
    let said = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      said += text;
      if (!said.endsWith("\n")) continue;
      assert.match(said, /^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\/\n$/);
      const page = await (await fetch(said.trim())).text();
      assert.match(page, /<dt>Tweets<\/dt><dd>264<\/dd>/);
      child.kill("SIGINT");
    }
    const { code } = await child.status;
    await child.stderr.cancel();
    assert.equal(code, 0);
  });
});

Deno.test("dashboard --export writes the page to a file, relative to where it was typed", async () => {
  await withTables(async (session) => {
    const env = { INIT_CWD: session.lake.folder, BIRDSONG_LAKE: session.lake.folder };
    const { code, stdout, stderr } = await runScript("dashboard", ["--export", "a/b.html"], env);
    assert.equal(code, 0, stderr);
    const file = join(session.lake.folder, "a", "b.html");
    assert.equal(stdout, `${file}\n`);
    assert.match(readFileSync(file, "utf8"), /<dt>Tweets<\/dt><dd>264<\/dd>/);
  });
});

Deno.test("dashboard --export needs a lake; a mistake in the call ends with 2", async () => {
  const none = await runScript("dashboard", ["--lake", "/nowhere", "--export", "/tmp/x.html"]);
  assert.equal(none.code, 1);
  assert.match(none.stderr, /^dashboard: no lake in \/nowhere/);
  for (const args of [["--port", "0"], ["--port", "70000"], ["--port", "1", "--export", "x"]]) {
    assert.equal((await runScript("dashboard", args)).code, 2, args.join(" "));
  }
});
