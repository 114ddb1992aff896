import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Lakehouse } from "../../lib/lakehouse/lakehouse.ts";

/** Runs a test in an empty folder of its own, and removes it. */
export async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "birdsong-" });
  try {
    await test(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs a test on an empty lake of its own. */
export async function withLake(
  test: (lake: Lakehouse, folder: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const lake = await Lakehouse.open(join(folder, "lake"));
    try {
      await test(lake, folder);
    } finally {
      lake.close();
    }
  });
}

/** Commits one statement on a connection of its own. */
export async function commitSql(lake: Lakehouse, sql: string): Promise<void> {
  const info = { author: "test", message: "sql" };
  await lake.transaction(info, (connection) => connection.run(sql));
}
