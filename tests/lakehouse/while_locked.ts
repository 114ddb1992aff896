import assert from "node:assert/strict";
import { join } from "node:path";
import { projectPath } from "../../lib/paths.ts";

/** Runs `action` while another process holds the lock on the lake's catalog. */
export async function whileLocked(
  folder: string,
  action: (release: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const holder = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      projectPath("tests/lakehouse/fixtures/hold_lock.ts"),
      join(folder, "catalog.sqlite"),
    ],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const output = holder.stdout.getReader();
  assert.match(new TextDecoder().decode((await output.read()).value), /locked/);
  let held = true;
  const release = async () => {
    if (held) await holder.stdin.close();
    held = false;
  };
  try {
    await action(release);
  } finally {
    await release();
    await output.cancel();
    assert.equal((await holder.status).code, 0);
  }
}
