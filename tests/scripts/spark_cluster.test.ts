import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isAlive } from "../../lib/is_alive.ts";
import { findCluster, stopCluster } from "../../scripts/spark/cluster.ts";
import { withFolder } from "../lakehouse/with_lake.ts";

Deno.test("a process that has come to have the id of a cluster's is neither taken for it nor ended", async () => {
  await withFolder(async (folder) => {
    const other = new Deno.Command("sleep", { args: ["60"] }).spawn();
    try {
      const file = join(folder, "cluster.json");
      writeFileSync(file, JSON.stringify({ pids: { master: other.pid, connect: other.pid } }));
      assert.equal(findCluster(folder), undefined);
      assert.equal(await stopCluster(folder), false);
      assert(isAlive(other.pid));
      assert.equal(existsSync(file), false);
    } finally {
      other.kill();
      await other.status;
    }
  });
});
