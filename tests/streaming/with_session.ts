import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Session, type SessionOptions } from "../../lib/streaming/session.ts";
import type { StreamingQuery } from "../../lib/streaming/streaming_query.ts";
import type { Transform } from "../../lib/streaming/transform.ts";
import { withFolder } from "../lakehouse/with_lake.ts";

/** Runs a test on an empty lake and an empty folder for its input. */
export async function withSession(
  test: (session: Session, source: string) => Promise<void>,
  options?: SessionOptions,
): Promise<void> {
  await withFolder(async (folder) => {
    const source = join(folder, "source");
    mkdirSync(source);
    const session = await Session.open(join(folder, "lake"), options);
    try {
      await test(session, source);
    } finally {
      await session.close();
    }
  });
}

/** Writes a file of one JSON object per line. */
export function writeLines(folder: string, name: string, ...records: unknown[]): void {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, records.map((record) => `${JSON.stringify(record)}\n`).join(""));
}

/** Birds as they come: name, and where they were read. */
export const rawBird = { name: "VARCHAR", songs: "DOUBLE" };
export const birds: Transform = {
  schema: {
    name: "VARCHAR",
    songs: "DOUBLE",
    file: "VARCHAR",
    line: "INTEGER",
    rescued: "VARCHAR",
    corrupt: "VARCHAR",
  },
  apply: ({ relation }) =>
    `SELECT name, songs, _metadata.file, _metadata.line, _rescued_data AS rescued,
       _corrupt_record AS corrupt FROM ${relation}`,
};

/** Takes everything that is new in a folder into the table "birds". */
export async function takeBirds(
  session: Session,
  source: string,
  maxFilesPerTrigger?: number,
): Promise<StreamingQuery> {
  const query = await session.readStream.schema(rawBird).options({ maxFilesPerTrigger })
    .json(source).transform(birds).writeStream.queryName("birds_stream").trigger({
      availableNow: true,
    }).toTable("birds");
  await query.awaitTermination();
  return query;
}

/** A stream's progress in figures: input and output of every batch. */
export function batchesOf(query: StreamingQuery): { batchId: number; in: number; out: number }[] {
  return query.recentProgress.map((progress) => ({
    batchId: progress.batchId,
    in: progress.numInputRows,
    out: progress.sink.numOutputRows,
  }));
}
