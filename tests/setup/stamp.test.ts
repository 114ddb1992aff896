import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { digestOf, isStamped } from "../../scripts/setup/stamp.ts";

Deno.test("a stamp holds until a file changes, and is missing after a step was cut off", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [file, stampFile] = [join(folder, "input"), join(folder, "stamp")];
    writeFileSync(file, "one");
    assert.equal(isStamped(stampFile, digestOf([file])), false);
    writeFileSync(stampFile, digestOf([file]));
    assert.equal(isStamped(stampFile, digestOf([file])), true);
    writeFileSync(file, "two");
    assert.equal(isStamped(stampFile, digestOf([file])), false);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
