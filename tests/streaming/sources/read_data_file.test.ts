import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { readDataFile } from "../../../lib/streaming/sources/read_data_file.ts";
import { withFolder } from "../../lakehouse/with_lake.ts";

Deno.test("a file is read whole, whatever its size", async () => {
  await withFolder((folder) => {
    const block = 64 * 1024;
    for (const size of [0, 1, block - 1, block, block + 1, 3 * block, 1_000_000]) {
      // Two bytes a letter: none may be torn where the file is read in parts.
      const text = "\u00fc".repeat(size / 2) + "x".repeat(size % 2);
      writeFileSync(join(folder, "a.json"), text);
      assert.deepEqual(readDataFile(join(folder, "a.json")), {
        text,
        size,
        invalidLines: new Set(),
      });
      const packed = gzipSync(text);
      writeFileSync(join(folder, "a.json.gz"), packed);
      const unpacked = readDataFile(join(folder, "a.json.gz"));
      assert.deepEqual([unpacked?.text, unpacked?.size], [text, packed.length]);
    }
    return Promise.resolve();
  });
});

Deno.test("a short file has nothing of the longer one that was read before", async () => {
  await withFolder((folder) => {
    const texts = ["x".repeat(1000), "short", ""];
    for (const [index, text] of texts.entries()) writeFileSync(join(folder, `${index}`), text);
    const found = texts.map((_, index) => readDataFile(join(folder, `${index}`))?.text);
    assert.deepEqual(found, texts);
    return Promise.resolve();
  });
});

Deno.test("what is gone, or leads to a folder, is no file", async () => {
  await withFolder((folder) => {
    mkdirSync(join(folder, "nest"));
    symlinkSync(join(folder, "nest"), join(folder, "a.json"));
    assert.equal(readDataFile(join(folder, "a.json")), undefined);
    assert.equal(readDataFile(join(folder, "b.json")), undefined);
    return Promise.resolve();
  });
});
