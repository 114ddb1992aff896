import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Lakehouse } from "../../lib/lakehouse/lakehouse.ts";
import { growthTable, tableCounts } from "../../scripts/notebooks/table_counts.ts";
import { runScript } from "./script.ts";

Deno.test("deno task start refuses a source of one's own that holds nothing", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const absent = await runScript("start", ["--source", join(folder, "absent")]);
    assert.equal(absent.code, 1);
    assert.match(absent.stderr, /absent does not exist: name a folder .*--source/);
    const empty = await runScript("start", [], { BIRDSONG_SOURCE: folder });
    assert.equal(empty.code, 1);
    assert.match(empty.stderr, /is empty: name a folder .*BIRDSONG_SOURCE/);
    const file = join(folder, "tweets.json");
    writeFileSync(file, "{}");
    const noFolder = await runScript("start", ["--source", file]);
    assert.match(noFolder.stderr, /tweets\.json is not a folder/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("tableCounts() counts what is there, and 0 for what is not", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const before = await tableCounts(join(folder, "lake"));
    assert.deepEqual([...before.values()], [0, 0, 0, 0]);
    const lake = await Lakehouse.open(join(folder, "lake"));
    await lake.createTable("bronze", { text: "VARCHAR" });
    await lake.sql("INSERT INTO bronze VALUES ('a'), ('b')");
    lake.close();
    const after = await tableCounts(join(folder, "lake"));
    assert.deepEqual([...after], [["bronze", 2], ["silver", 0], ["gold", 0], ["application", 0]]);
    assert.match(growthTable(before, after), /^table +rows +new\nbronze +2 +\+2\nsilver +0 +\+0\n/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
