import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import process from "node:process";
import { projectPath } from "../../lib/paths.ts";
import { withLock } from "../../scripts/setup/lock.ts";

Deno.test("withLock() waits for another process, also for one that is killed", async () => {
  const folder = await Deno.makeTempDir();
  const file = join(folder, "lock");
  const program = `
    import { withLock } from ${JSON.stringify("file://" + projectPath("scripts/setup/lock.ts"))};
    await withLock(${JSON.stringify(file)}, async () => {
      console.log("held");
      await new Promise((resolve) => setTimeout(resolve, 600_000));
    });`;
  const other = spawn(process.execPath, ["eval", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(other, "exit");
  try {
    await once(other.stdout, "data");
    const order: string[] = [];
    const waiting = withLock(file, () => Promise.resolve(void order.push("entered")));
    await new Promise((resolve) => setTimeout(resolve, 200));
    order.push("killed");
    other.kill("SIGKILL");
    await waiting;
    assert.deepEqual(order, ["killed", "entered"]);
  } finally {
    other.kill("SIGKILL");
    await ended;
    await Deno.remove(folder, { recursive: true });
  }
});
