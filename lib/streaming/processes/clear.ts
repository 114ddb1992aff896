import { BirdsongError } from "../../errors.ts";
import { identifier } from "../../lakehouse/sql_text.ts";
import { readRuns, removeEndedRuns } from "./running.ts";
import type { Session } from "../session.ts";

/**
 * Drops these tables and every stream's checkpoint, so that the next run starts from the first
 * file. Earlier versions of the tables can be read until `vacuum` removes them.
 *
 * @throws {BirdsongError} while streams run on the lake, in whatever process.
 */
export async function clearPreviousRun(session: Session, tables: readonly string[]): Promise<void> {
  const { folder } = session.lake;
  const running = new Map(session.streams.active.map(({ name }) => [name, name]));
  for (const { name, state, here, pid, host } of readRuns(folder)) {
    if (state === "running") running.set(name, here ? name : `${name} (process ${pid} on ${host})`);
  }
  if (running.size > 0) {
    throw new BirdsongError(
      `cannot clear the previous run in ${folder} while streams run: ` +
        `${[...running.values()].join(", ")}. ` +
        "Stop them first: `await session.stopAllStreams()` stops all, wherever they run.",
      { context: { lake: folder } },
    );
  }
  const info = { author: "birdsong", message: "clear the previous run" };
  await session.lake.transaction(info, async (connection) => {
    for (const table of tables) {
      await connection.run(`DROP TABLE IF EXISTS ${identifier(table)}`);
    }
    await connection.run("DROP SCHEMA IF EXISTS checkpoint CASCADE");
  });
  removeEndedRuns(folder);
}
