import assert from "node:assert/strict";
import { join } from "node:path";
import { Lakehouse } from "../../lib/lakehouse/lakehouse.ts";
import { evenRows, withGold } from "../doctor/lake_of.ts";
import { withFolder } from "../lakehouse/with_lake.ts";
import { withSession } from "../streaming/with_session.ts";
import { fakeScorer, runTiers, tweet, writeTweets } from "../tweets/tiers.ts";
import { startTier } from "../../lib/tweets/pipeline.ts";
import { endScript, runScript } from "./script.ts";

Deno.test("doctor prints a table that hostile mentions cannot break", async () => {
  const rows = evenRows(1_200).map((row, i) =>
    i % 2 ? row : { ...row, mention: "\u001b[31m<b>\n\u202e" }
  );
  await withGold(rows, 1, async (lake, folder) => {
    lake.close();
    const end = await runScript("doctor", ["--lake", folder]);
    assert.equal(end.code, 0, end.stderr);
    assert.equal(end.stderr.replace(/^measuring \w+ \.\.\.\n/gm, ""), "");
    const lines = end.stdout.trimEnd().split("\n");
    assert.equal(lines.length, 11);
    assert.match(lines[0], /^dimension +verdict +measured, and advice$/);
    const dimensions = ["spill", "skew", "shuffle", "storage", "serialization"];
    dimensions.forEach((dimension, i) => {
      assert.match(lines[1 + 2 * i], new RegExp(`^${dimension} +(good|fair|poor) +\\S`));
      assert.match(lines[2 + 2 * i], /^ {20,}\S/);
    });
    assert.match(lines[3], /^skew +poor +@\[31m<b> has 50 % of 1,200 mentions/);
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(lines.join(""), /[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
  });
});

Deno.test("doctor prints JSON, also of a lake that a stream is writing to, and says so", async () => {
  await withSession(async (session, source) => {
    writeTweets(source, Array.from({ length: 40 }, (_, i) => tweet({ text: `@ann hello ${i}` })));
    await runTiers(session, source, "application");
    const { scorer } = fakeScorer();
    const trigger = { processingTime: "1 second" };
    const query = await startTier.silver({ session, source, scorer, trigger });
    const { folder } = session.lake;
    const end = await runScript("doctor", ["--lake", folder, "--json"]);
    assert.equal(end.code, 0, end.stderr);
    assert.match(
      end.stderr,
      /^silver_stream is writing to this lake: figures are those of version \d+, /,
    );
    const { lake, version, findings, measurements } = JSON.parse(end.stdout);
    assert.deepEqual([lake, typeof version], [folder, "number"]);
    assert.equal(findings.length, 5);
    assert.equal(measurements.shuffle.rows, 40);
    assert.equal(query.isActive, true);
    await query.stop();
  });
});

Deno.test("doctor says where there is no lake, or nothing in it, and makes none", async () => {
  await withFolder(async (folder) => {
    const missing = await runScript("doctor", ["--lake", "nothing here"], { INIT_CWD: folder });
    assert.deepEqual([missing.code, missing.stdout], [1, ""]);
    assert.ok(missing.stderr.startsWith(`doctor: no lake in ${join(folder, "nothing here")}: `));
    assert.deepEqual([...Deno.readDirSync(folder)], []);

    (await Lakehouse.open(join(folder, "lake"))).close();
    const empty = await runScript("doctor", ["--lake", "lake"], { INIT_CWD: folder });
    assert.deepEqual([empty.code, empty.stdout], [1, ""]);
    assert.match(
      empty.stderr,
      /^doctor: nothing to examine in .*: its table bronze does not exist yet\. Run `deno task pipeline` or the notebooks first\n$/,
    );
  });
});

Deno.test("doctor leaves no copy behind when it is ended", async () => {
  await withGold(evenRows(10), 1, async (lake, folder) => {
    lake.close();
    const temporary = await Deno.makeTempDir();
    const env = { TMPDIR: temporary };
    const code = await endScript("SIGTERM", "measuring", "doctor", ["--lake", folder], env);
    assert.equal(code, 143);
    assert.deepEqual([...Deno.readDirSync(temporary)], []);
    await Deno.remove(temporary);
  });
});

Deno.test("doctor says how it is called", async () => {
  const help = await runScript("doctor", ["--help"]);
  assert.equal(help.code, 0);
  for (const option of ["--lake DIR", "--model MODEL", "--json", "--help"]) {
    assert.ok(help.stdout.includes(option), option);
  }
  const wrong = await runScript("doctor", ["--wrong"]);
  assert.deepEqual([wrong.code, wrong.stdout], [2, ""]);
  assert.match(wrong.stderr, /^doctor: .*\nSee: deno task doctor --help\n$/s);
});
