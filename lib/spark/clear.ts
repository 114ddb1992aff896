import { BirdsongError } from "../errors.ts";
import { batchTable } from "./batch_log.ts";
import { progressTable } from "./progress_log.ts";
import type { SparkSession } from "./spark_session.ts";
import { sparkIdentifier } from "./sql.ts";

/**
 * Drops tables and the records of batches and progress. A table's id is part of the name of its
 * stream's checkpoint, so that the next run starts from the first file.
 *
 * @throws {BirdsongError} while streams of this session run.
 */
export async function clearPreviousRun(
  session: SparkSession,
  tables: readonly string[],
): Promise<void> {
  const running = session.streams.active.map(({ name }) => name).join(", ");
  if (running) {
    throw new BirdsongError(
      `cannot clear the previous run while streams run: ${running}. Stop them first: ` +
        "`await session.stopAllStreams()`.",
    );
  }
  await session.streams.flush();
  for (const table of [...tables, progressTable, batchTable]) {
    await session.sql(`DROP TABLE IF EXISTS ${sparkIdentifier(table)}`);
  }
}
