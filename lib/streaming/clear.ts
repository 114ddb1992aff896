import { BirdsongError } from "../errors.ts";
import { identifier } from "../lakehouse/sql_text.ts";
import type { Session } from "./session.ts";

/**
 * Drops these tables and every stream's checkpoint, so that the next run starts from the first
 * file. Earlier versions of the tables can be read until `vacuum` removes them.
 *
 * @throws {BirdsongError} while streams of this process run.
 */
export async function clearPreviousRun(session: Session, tables: readonly string[]): Promise<void> {
  const running = session.streams.active.map((query) => query.name);
  if (running.length > 0) {
    throw new BirdsongError(
      `cannot clear the previous run while ${running.join(", ")} run: stop them first`,
    );
  }
  const connection = await session.lake.connect();
  try {
    await session.lake.create(connection, "clear the previous run", async (connection) => {
      for (const table of tables) {
        await connection.run(`DROP TABLE IF EXISTS ${identifier(table)}`);
      }
      await connection.run("DROP SCHEMA IF EXISTS checkpoint CASCADE");
    });
  } finally {
    connection.close();
  }
}
