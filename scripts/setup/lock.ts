import { mkdirSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Runs `action` while no other process runs one under the same lock file. The operating system holds
 * the lock and drops it with the process, however that ends, so a lock cannot go stale.
 */
export async function withLock(file: string, action: () => Promise<void>): Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  using handle = Deno.openSync(file, { create: true, write: true });
  const notice = setTimeout(() => console.error("Waiting for another setup to finish ..."), 1000);
  await handle.lock(true);
  clearTimeout(notice);
  await action();
}
