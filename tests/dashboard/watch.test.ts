import assert from "node:assert/strict";
import { LakeWatch } from "../../lib/dashboard/watch.ts";
import { withLake } from "../lakehouse/with_lake.ts";

Deno.test("what goes wrong unforeseen is printed once, however often the page asks", async () => {
  await withLake(async (lake) => {
    await lake.sql("CREATE TABLE silver (other INTEGER)");
    const printed: unknown[] = [];
    const { error } = console;
    console.error = (...values: unknown[]) => void printed.push(...values);
    const watch = new LakeWatch(lake.folder);
    try {
      const shown = await watch.look();
      assert.match(shown, /Nothing to show yet/);
      assert.equal(await watch.look(), shown);
    } finally {
      console.error = error;
      await watch.close();
    }
    assert.equal(printed.length, 1, String(printed));
  });
});
