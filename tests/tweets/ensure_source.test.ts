import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { BirdsongError } from "../../lib/errors.ts";
import { projectPath } from "../../lib/paths.ts";
import { settingDefinitions } from "../../lib/settings.ts";
import { listDataFiles } from "../../lib/streaming/sources/listing.ts";
import { ensureSource, makeSample } from "../../lib/tweets/sample/ensure_source.ts";
import { heldBackFiles } from "../../lib/tweets/sample/held_back.ts";
import { withFolder } from "../lakehouse/with_lake.ts";

const size = { tweets: 60, files: 20, seed: 1 };

Deno.test("a sample is made where there is none, of whose files a fifth is held back, and only once", async () => {
  await withFolder(async (folder) => {
    mkdirSync(join(folder, "empty"));
    for (const name of ["absent", "empty"]) {
      const source = join(folder, name);
      assert.equal(await makeSample(source, size), true);
      assert.equal(listDataFiles(source).length, 16);
      assert.equal(heldBackFiles(source), 4);
      const before = readdirSync(source);
      assert.equal(await makeSample(source, { tweets: 5, files: 5, seed: 2 }), false);
      assert.deepEqual(readdirSync(source), before);
    }
    assert.deepEqual(readdirSync(folder).sort(), ["absent", "empty"], "nothing is left beside");
  });
});

Deno.test("a sample that cannot be made leaves nothing behind", async () => {
  await withFolder(async (folder) => {
    await assert.rejects(makeSample(join(folder, "tweets"), { tweets: 5, files: 10, seed: 1 }), {
      message: "cannot write 5 tweets to 10 files: each file needs at least one tweet",
    });
    assert.deepEqual(readdirSync(folder), []);
  });
});

Deno.test("a sample that several processes make at once is whole", async () => {
  await withFolder(async (folder) => {
    const source = join(folder, "tweets");
    const program = `
      import { makeSample } from ${
      JSON.stringify(`file://${projectPath("lib/tweets/sample/ensure_source.ts")}`)
    };
      await makeSample(${JSON.stringify(source)}, { tweets: 2000, files: 500, seed: 1 });`;
    const codes = await Promise.all(["a", "b", "c"].map(async () => {
      const child = spawn(process.execPath, ["eval", program], { stdio: "inherit" });
      return (await once(child, "exit"))[0];
    }));
    assert.deepEqual(codes, [0, 0, 0]);
    assert.deepEqual(readdirSync(folder), ["tweets"]);
    assert.equal(listDataFiles(source).length, 400);
    assert.equal(heldBackFiles(source), 100);
  });
});

Deno.test("the default source gets the sample", async () => {
  await withFolder(async (folder) => {
    const { source } = settingDefinitions;
    const before = source.default;
    source.default = join(folder, "tweets");
    try {
      assert.equal(
        await ensureSource(source.default),
        `made 10000 sample tweets in ${source.default}`,
      );
      assert.equal(listDataFiles(source.default).length, 2000);
      assert.equal(heldBackFiles(source.default), 500);
      assert.equal(
        await ensureSource(source.default),
        `the sample tweets are in ${source.default}`,
      );
    } finally {
      source.default = before;
    }
  });
});

Deno.test("a person's own source is only looked at, and refused where there is nothing to read", async () => {
  await withFolder(async (folder) => {
    const own = join(folder, "own");
    mkdirSync(join(own, "below"), { recursive: true });
    const refused = (source: string, problem: string) =>
      assert.rejects(ensureSource(source), (error: Error) => {
        assert.ok(error instanceof BirdsongError);
        assert.ok(
          error.message.startsWith(`the source ${source} ${problem}: name a folder with JSON`),
        );
        assert.match(error.message, /BIRDSONG_SOURCE or --source/);
        assert.equal(error.context.source, source);
        return true;
      });
    await refused(join(folder, "absent"), "does not exist");
    assert.ok(!existsSync(join(folder, "absent")));
    writeFileSync(join(folder, "file"), "");
    await refused(join(folder, "file"), "is not a folder");
    mkdirSync(join(folder, "empty"));
    await refused(join(folder, "empty"), "is empty");
    writeFileSync(join(own, "notes.txt"), "");
    await refused(own, "holds no file that ends in .json");
    writeFileSync(join(own, "below", "a.jsonl"), "{}\n");
    assert.equal(await ensureSource(own), `the tweets are in ${own}`);
    assert.deepEqual(readdirSync(own).sort(), ["below", "notes.txt"]);
    assert.deepEqual(readdirSync(folder).sort(), ["empty", "file", "own"]);
  });
});
