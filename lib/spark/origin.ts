import type { EngineSession, TableOrigin } from "../streaming/engine.ts";
import type { StreamingQueryProgress } from "../streaming/progress.ts";

/** Where a batch has ended in a Delta table: before the file `index` of this version. */
interface DeltaOffset {
  reservoirVersion: number;
  index: number;
}

/**
 * The batches of a table's stream up to a version, and the version of the source that the last of
 * them has read; undefined where its progress record is missing. Versions are a table's own; the
 * history says which batch has made which.
 */
export async function originOf(
  session: Pick<EngineSession, "history" | "readProgress">,
  table: string,
  version: number,
): Promise<TableOrigin> {
  const history = await session.history(table);
  const batches = history.filter((entry) => entry.version <= version)
    .map(({ message }) => Number(/^batch (\d+)$/.exec(message ?? "")?.[1] ?? -1));
  const last = batches.reduce((most, batch) => Math.max(most, batch), -1);
  const progress = (await session.readProgress(`${table}_stream`))
    .filter(({ batchId }) => batchId <= last);
  return {
    progress,
    sourceVersion: versionRead(progress.findLast(({ batchId }) => batchId === last)),
  };
}

function versionRead(batch: StreamingQueryProgress | undefined): number | undefined {
  const offset = batch?.sources[0].endOffset as DeltaOffset | undefined;
  if (typeof offset?.reservoirVersion !== "number") return undefined;
  // Below 0, the offset stands before the version's first file: the version before was the last.
  return offset.index < 0 ? offset.reservoirVersion - 1 : offset.reservoirVersion;
}
