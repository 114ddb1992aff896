import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { messageOf } from "../../lib/errors.ts";
import type { Lakehouse } from "../../lib/lakehouse/lakehouse.ts";
import { Session } from "../../lib/streaming/session.ts";
import { fill } from "./small_disk.ts";

/** When the disk becomes full. */
export type FullAt =
  /** Before the lake is opened. */
  | "opening"
  /** Before the stream is started, while others use the lake: it cannot leave its mark. */
  | "starting"
  /** In the transform: the batch is planned, nothing is staged or written. */
  | "planned"
  /** In the sink: the rows are written, nothing is committed. */
  | "written";

/** What a process of this file is told, as JSON in its only argument. */
export interface FillOrder {
  lake: string;
  source: string;
  fullAt?: FullAt;
  /** Bytes that are left free. */
  free?: number;
  /** What DuckDB may use of the memory, such as `30MB`. */
  memory?: string;
}

const schema = { n: "BIGINT", text: "VARCHAR" };

/** The file that fills the disk. */
export function ballast(lake: string): string {
  return join(dirname(lake), "ballast");
}

/** Reads the lake to the end of the process. */
async function keepReading(lake: Lakehouse): Promise<void> {
  const connection = await lake.connect();
  await connection.run("BEGIN TRANSACTION");
  await connection.rows("FROM checkpoint.progress");
}

/**
 * Takes all files of the source into the table `rows`, on a disk that becomes full meanwhile; the
 * error it ended with, or an empty text, is the only output.
 */
async function take({ lake, source, fullAt, free = 0, memory }: FillOrder): Promise<void> {
  mkdirSync(dirname(lake), { recursive: true });
  rmSync(ballast(lake), { force: true });
  const passing = (point: FullAt) => {
    if (point === fullAt) fill(ballast(lake), free);
  };
  passing("opening");
  const session = await Session.open(lake);
  if (memory) await session.sql(`SET GLOBAL memory_limit = '${memory}'`);
  if (fullAt === "starting") await keepReading(session.lake);
  passing("starting");
  const query = await session.readStream.schema(schema).options({ maxFilesPerTrigger: 2 })
    .json(source).transform({
      schema,
      apply: ({ relation }) => {
        passing("planned");
        return `SELECT n, text FROM ${relation} ORDER BY text`;
      },
    }).writeStream.queryName("rows_stream").trigger({ availableNow: true })
    .foreachBatch("rows", schema, async (connection, batch) => {
      const written = await connection.run(`INSERT INTO rows BY NAME SELECT * FROM ${batch}`);
      passing("written");
      return written;
    });
  await query.awaitTermination();
  await session.close();
}

if (import.meta.main) {
  try {
    await take(JSON.parse(process.argv[2]));
  } catch (error) {
    console.log(messageOf(error));
  }
  process.exit();
}
