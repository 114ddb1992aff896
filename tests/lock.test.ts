import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { withFileLock } from "../lib/lock.ts";

async function withPath(action: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await action(join(folder, "test.lock"));
    assert.deepEqual([...Deno.readDirSync(folder)], [], "nothing is left behind");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A process id that belonged to a process that has ended. */
async function deadPid(): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), { args: ["--version"], stdout: "null" }).spawn();
  await child.status;
  return child.pid;
}

Deno.test("withFileLock() lets one at a time go on", async () => {
  await withPath(async (path) => {
    let inside = 0;
    let most = 0;
    const work = () =>
      withFileLock(path, { staleAfter: 60_000 }, async () => {
        most = Math.max(most, ++inside);
        await delay(5);
        inside--;
      });
    await Promise.all([work(), work(), work(), work()]);
    assert.equal(most, 1);
  });
});

Deno.test("withFileLock() takes over the lock of a dead process, for one of many", async () => {
  await withPath(async (path) => {
    await Deno.writeTextFile(path, JSON.stringify({ pid: await deadPid() }));
    let inside = 0;
    let most = 0;
    const work = () =>
      withFileLock(path, { staleAfter: 60_000 }, async () => {
        most = Math.max(most, ++inside);
        await delay(5);
        inside--;
      });
    await Promise.all(Array.from({ length: 8 }, work));
    assert.equal(most, 1);
  });
});

Deno.test("withFileLock() takes over a lock that is too old, whoever has that id now", async () => {
  await withPath(async (path) => {
    await Deno.writeTextFile(path, JSON.stringify({ pid: Deno.pid }));
    await Deno.utime(path, 0, 0);
    assert.equal(await withFileLock(path, { staleAfter: 60_000 }, () => Promise.resolve(7)), 7);
  });
});

Deno.test("withFileLock() frees the lock when the action fails", async () => {
  await withPath(async (path) => {
    const failing = () => Promise.reject(new Error("no"));
    await assert.rejects(withFileLock(path, { staleAfter: 60_000 }, failing), /no/);
  });
});
