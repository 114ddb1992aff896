import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Worker } from "node:worker_threads";
import { BirdsongError } from "../../../lib/errors.ts";
import { dataFilePath, listDataFiles } from "../../../lib/streaming/sources/listing.ts";
import { withFolder } from "../../lakehouse/with_lake.ts";

function touch(folder: string, ...names: string[]): void {
  for (const name of names) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), "");
  }
}

Deno.test("data files are found by their ending, in all folders, in the order of their names", async () => {
  await withFolder((folder) => {
    const data = [
      "a.json",
      "b.JSONL",
      "c.ndjson",
      "d.json.gz",
      "nested/deep er/e.jsonl.gz",
      "nested/ünï-😀.json",
      "x'y\"z.json",
    ];
    touch(folder, ...data.toReversed());
    touch(folder, "readme.txt", "json", "a.json.tmp", "b.jsonx", "c.csv", "d.gz", "e.json.bz2");
    assert.deepEqual(listDataFiles(folder), data);
    return Promise.resolve();
  });
});

Deno.test("names that begin with a dot or an underscore are passed over, of folders as well", async () => {
  await withFolder((folder) => {
    touch(folder, ".a.json", "_b.json", "_temporary/c.json", ".git/d/e.json", "f/_g/h.json");
    touch(folder, "f/i_j.json", "k.l.json");
    assert.deepEqual(listDataFiles(folder), ["f/i_j.json", "k.l.json"]);
    return Promise.resolve();
  });
});

Deno.test("a listed path leads to its file, in a folder with any name", async () => {
  await withFolder((folder) => {
    const source = join(folder, "_it's.json [x]*");
    touch(source, "a/b.json");
    assert.deepEqual(listDataFiles(source), ["a/b.json"]);
    assert.ok(Deno.statSync(dataFilePath(source, "a/b.json")).isFile);
    return Promise.resolve();
  });
});

Deno.test("a folder may be called like a file; links to folders are not followed", async () => {
  await withFolder((folder) => {
    touch(folder, "tweets.json/part-0.json", "elsewhere.txt/a.json");
    Deno.symlinkSync(join(folder, "elsewhere.txt"), join(folder, "tweets.json", "link"));
    Deno.symlinkSync(join(folder, "elsewhere.txt/a.json"), join(folder, "b.json"));
    const found = ["b.json", "elsewhere.txt/a.json", "tweets.json/part-0.json"];
    assert.deepEqual(listDataFiles(folder), found);
    return Promise.resolve();
  });
});

Deno.test("folders may vanish and come back while they are listed", async () => {
  await withFolder(async (folder) => {
    touch(folder, "a.json", "z/b.json");
    const stop = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(
      `const { mkdirSync, rmSync } = require("node:fs");
       const { folder, stop } = require("node:worker_threads").workerData;
       while (Atomics.load(stop, 0) === 0) {
         for (let n = 0; n < 50; n++) mkdirSync(folder + "/y" + n + "/x", { recursive: true });
         for (let n = 50; n-- > 0;) rmSync(folder + "/y" + n, { recursive: true });
       }`,
      { eval: true, workerData: { folder, stop } },
    );
    const ended = once(worker, "exit");
    try {
      for (let seen = 0; seen < 100;) {
        assert.deepEqual(listDataFiles(folder), ["a.json", "z/b.json"]);
        if (readdirSync(folder).length > 2) seen++;
        // The worker may need this thread, too.
        await new Promise((wake) => setTimeout(wake, 0));
      }
    } finally {
      Atomics.store(stop, 0, 1);
      await ended;
    }
  });
});

Deno.test("a folder that is not there is named, with what to do", async () => {
  await withFolder((folder) => {
    const missing = join(folder, "missing");
    touch(folder, "file.json");
    for (const path of [missing, join(folder, "file.json")]) {
      assert.throws(() => listDataFiles(path), (error: Error) => {
        assert.ok(error instanceof BirdsongError);
        assert.ok(error.message.startsWith(`cannot list the source folder ${path}: `));
        assert.match(error.message, /--source.*deno task data/);
        assert.equal(error.context.folder, path);
        return true;
      });
    }
    assert.deepEqual(listDataFiles(folder), ["file.json"]);
    return Promise.resolve();
  });
});
