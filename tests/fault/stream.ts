import process from "node:process";
import type { Schema } from "../../lib/lakehouse/sql_text.ts";
import { Session } from "../../lib/streaming/session.ts";
import type { StreamingQuery } from "../../lib/streaming/streaming_query.ts";
import type { Transform } from "../../lib/streaming/transform.ts";
import { runAsChild } from "./child.ts";

/** The streams of the chain: files -> a -> b -> c, and a second reader of a. */
export type Stage = "a" | "b" | "c" | "late";

/** A place at which a process kills itself. */
export type DeathPoint =
  /** In the transform: the batch is planned, nothing is written. */
  | "planned"
  /** In the sink: the rows are written, nothing is committed. */
  | "written"
  /** In the progress listener: the batch has just been committed. */
  | "committed";

/** What a process of this file is told, as JSON in its only argument. */
export interface StreamOrder {
  lake: string;
  source: string;
  stage: Stage;
  /** Kill yourself at this point of the batch after so many others. */
  death?: { point: DeathPoint; afterBatches: number };
}

/** What it prints, one JSON text a line, when a batch has been committed. */
export interface BatchReport {
  batchId: number;
  rows: number;
  /** Milliseconds from planning to after the commit. */
  milliseconds: number;
  /** Milliseconds of processor time since the last batch; says more on a busy machine. */
  processorMilliseconds: number;
}

const schema: Schema = { id: "VARCHAR", payload: "VARCHAR" };

/** Rows that a batch of b, c or late takes: a little more than a file holds. */
const maxRowsPerTrigger = 40;

/** Starts one stream of the chain. `passing` is called at each point of each batch. */
export function startStage(
  session: Session,
  stage: Stage,
  source: string,
  trigger: { availableNow: true } | { processingTime: string },
  passing: (point: DeathPoint) => void = () => {},
): Promise<StreamingQuery> {
  session.streams.addListener({ onQueryProgress: () => passing("committed") });
  const transform: Transform = {
    schema,
    apply: ({ relation }) => {
      passing("planned");
      return `SELECT id, payload || '>${stage}' AS payload FROM ${relation}`;
    },
  };
  const { readStream } = session;
  const stream = {
    a: () => readStream.schema(schema).options({ maxFilesPerTrigger: 1 }).json(source),
    b: () => readStream.options({ maxRowsPerTrigger }).table("a"),
    c: () => readStream.options({ maxRowsPerTrigger }).table("b"),
    late: () => readStream.options({ maxRowsPerTrigger }).table("a"),
  }[stage]();
  const writer = stream.transform(transform).writeStream.queryName(`${stage}_stream`).trigger(
    trigger,
  );
  // c goes the common way; the others write the same by hand, to have a point before the commit.
  if (stage === "c") return writer.toTable(stage);
  return writer.foreachBatch(stage, schema, async (connection, batch) => {
    const rows = await connection.run(`INSERT INTO ${stage} BY NAME SELECT * FROM ${batch}`);
    passing("written");
    return rows;
  });
}

async function obey({ lake, source, stage, death }: StreamOrder): Promise<void> {
  const session = await Session.open(lake);
  let before = process.cpuUsage();
  session.streams.addListener({
    onQueryProgress({ batchId, numInputRows: rows, timestamp }) {
      const { user, system } = process.cpuUsage(before);
      before = process.cpuUsage();
      const report: BatchReport = {
        batchId,
        rows,
        milliseconds: Date.now() - Date.parse(timestamp),
        processorMilliseconds: Math.round((user + system) / 1000),
      };
      console.log(JSON.stringify(report));
    },
  });
  let passed = 0;
  const query = await startStage(session, stage, source, { processingTime: "1 ms" }, (point) => {
    if (point === death?.point && ++passed > death.afterBatches) {
      process.kill(process.pid, "SIGKILL");
    }
  });
  await query.awaitTermination();
}

if (import.meta.main) await runAsChild(obey);
