import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { listDataFiles } from "../../lib/streaming/sources/listing.ts";
import {
  heldBackFiles,
  holdBackFifth,
  releaseHeldBack,
} from "../../lib/tweets/sample/held_back.ts";
import { withFolder } from "../lakehouse/with_lake.ts";

/** A sample of so many files, of which a fifth is held back. */
function makeFiles(folder: string, count: number): string[] {
  const names = Array.from(
    { length: count },
    (_, i) => `tweets-${String(i).padStart(3, "0")}.json`,
  );
  for (const name of names) writeFileSync(join(folder, name), `{"text":"${name}"}\n`);
  holdBackFifth(folder);
  return names;
}

Deno.test("every fifth file of a sample is held back, out of sight of a stream, and released once", async () => {
  await withFolder(async (folder) => {
    const names = makeFiles(folder, 23);
    const visible = names.filter((_, index) => index % 5 !== 4);
    assert.deepEqual(listDataFiles(folder), visible);
    assert.equal(heldBackFiles(folder), 4);
    assert.equal(await releaseHeldBack(folder, 3, 1), 4);
    assert.deepEqual(listDataFiles(folder), names);
    for (const name of names) {
      assert.equal(readFileSync(join(folder, name), "utf8"), `{"text":"${name}"}\n`);
    }
    assert.deepEqual(readdirSync(folder).sort(), names, "nothing else is left");
    assert.equal(heldBackFiles(folder), 0);
    assert.equal(await releaseHeldBack(folder), 0);
  });
});

Deno.test("held-back files arrive in portions", async () => {
  await withFolder(async (folder) => {
    makeFiles(folder, 50);
    const seen = new Set<number>();
    const release = releaseHeldBack(folder, 4, 50).finally(() => clearInterval(timer));
    const timer = setInterval(() => seen.add(heldBackFiles(folder)), 2);
    // The first portion comes at once.
    assert.equal(heldBackFiles(folder), 7);
    assert.equal(await release, 10);
    for (const waiting of seen) assert.ok([7, 4, 1, 0].includes(waiting), `${waiting} waiting`);
    assert.equal(heldBackFiles(folder), 0);
  });
});

Deno.test("fewer held-back files than portions arrive all the same", async () => {
  await withFolder(async (folder) => {
    makeFiles(folder, 10);
    assert.equal(await releaseHeldBack(folder, 5, 1), 2);
    assert.equal(listDataFiles(folder).length, 10);
  });
});

Deno.test("a release that was interrupted can go on", async () => {
  await withFolder(async (folder) => {
    const names = makeFiles(folder, 25);
    const aside = join(folder, "_held_back");
    for (const name of readdirSync(aside).filter((name) => name.endsWith(".json")).slice(0, 2)) {
      renameSync(join(aside, name), join(folder, name));
    }
    assert.equal(heldBackFiles(folder), 3);
    assert.equal(await releaseHeldBack(folder, 2, 1), 3);
    assert.deepEqual(listDataFiles(folder), names);
  });
});

Deno.test("two releases at once let every file arrive once", async () => {
  await withFolder(async (folder) => {
    const names = makeFiles(folder, 100);
    const [a, b] = await Promise.all([
      releaseHeldBack(folder, 5, 2),
      releaseHeldBack(folder, 7, 3),
    ]);
    assert.equal(a + b, 20, `${a} and ${b}`);
    assert.deepEqual(readdirSync(folder).sort(), names);
  });
});

Deno.test("a person's own folder is not touched, whatever it holds", async () => {
  await withFolder(async (folder) => {
    writeFileSync(join(folder, "a.json"), "{}");
    mkdirSync(join(folder, "_held_back"));
    writeFileSync(join(folder, "_held_back", "b.json"), "{}");
    for (const source of [folder, join(folder, "_held_back"), join(folder, "nowhere")]) {
      assert.equal(heldBackFiles(source), 0);
      assert.equal(await releaseHeldBack(source, 5, 1), 0);
    }
    assert.deepEqual(readdirSync(folder).sort(), ["_held_back", "a.json"]);
    assert.ok(existsSync(join(folder, "_held_back", "b.json")));
  });
});
