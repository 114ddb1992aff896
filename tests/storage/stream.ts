import process from "node:process";
import type { LocationOptions } from "../../lib/lakehouse/location.ts";
import { Session } from "../../lib/streaming/session.ts";
import { runAsChild } from "../fault/child.ts";

/** The streams files -> a -> b. */
export type Stage = "a" | "b";

/** What a process of this file is told, as JSON in its only argument. */
export interface StorageOrder {
  folder: string;
  location: LocationOptions;
  source: string;
  stage: Stage;
  /** Kill yourself before the commit of the batch after so many others. */
  dieAfter?: number;
  /** Freeze there instead. */
  freezeAfter?: number;
}

export const schema = { n: "BIGINT" };

/** Runs one stream until it is killed; prints the number of each batch, and "frozen". */
async function obey(order: StorageOrder): Promise<void> {
  const { folder, location, source, stage } = order;
  const session = await Session.open(folder, location);
  let batches = 0;
  session.streams.addListener({
    onQueryProgress: ({ batchId }) => console.log(batchId),
  });
  const stream = stage === "a"
    ? session.readStream.schema(schema).options({ maxFilesPerTrigger: 1 }).json(source)
    : session.readStream.options({ maxRowsPerTrigger: 40 }).table("a");
  const query = await stream
    .transform({ schema, apply: ({ relation }) => `SELECT n FROM ${relation}` })
    .writeStream.queryName(`${stage}_stream`).trigger({ processingTime: "1 ms" })
    .foreachBatch(stage, schema, async (connection, batch) => {
      const rows = await connection.run(`INSERT INTO ${stage} BY NAME SELECT * FROM ${batch}`);
      if (batches === order.dieAfter) process.kill(process.pid, "SIGKILL");
      if (batches++ === order.freezeAfter) {
        console.log("frozen");
        process.kill(process.pid, "SIGSTOP");
      }
      return rows;
    });
  await query.awaitTermination();
}

if (import.meta.main) await runAsChild(obey);
