import { BirdsongError } from "../errors.ts";
import { progressTable } from "./progress_log.ts";
import type { SparkSession } from "./spark_session.ts";
import { sparkIdentifier } from "./sql.ts";

/**
 * Drops tables and the records of progress. A table's id is part of the name of its stream's
 * checkpoint, so that the next run starts from the first file. The log of batches stays: it has a
 * table's id, too, and a stream whose table stays must not count its batches anew, as Delta leaves
 * out the numbers that it has.
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
  for (const table of [...tables, progressTable]) {
    await session.sql(`DROP TABLE IF EXISTS ${sparkIdentifier(table)}`);
  }
}
