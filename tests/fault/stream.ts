import process from "node:process";
import type { Schema } from "../../lib/lakehouse/sql_text.ts";
import { Session } from "../../lib/streaming/session.ts";
import type { StreamingQuery } from "../../lib/streaming/streaming_query.ts";
import type { MicroBatch, Transform } from "../../lib/streaming/transform.ts";
import { defaultTrigger, type Trigger } from "../../lib/streaming/triggers/trigger.ts";
import { patience, runAsChild, say } from "./child.ts";
import { Death, type DeathOrder, watchStatements } from "./death.ts";
import { compactionPoint, maintenanceSteps } from "./points.ts";

/** The streams of the chain: files -> a -> b -> c, and a second reader of a. */
export const stages = ["a", "b", "c", "late"] as const;
export type Stage = typeof stages[number];

/** What a process of this file is told, as JSON in its only argument. */
export interface StreamOrder {
  lake: string;
  source: string;
  stage: Stage;
  /** Rows that a batch of b, c or late takes at most; one of a takes a file. */
  maxRowsPerTrigger: number;
  death?: DeathOrder;
}

/** What it reports of a batch that has been committed. */
export interface BatchReport {
  batchId: number;
  rows: number;
  /** Milliseconds from planning to after the commit. */
  milliseconds: number;
  /** Milliseconds of processor time since the last batch; says more on a busy machine. */
  processorMilliseconds: number;
}

const schema: Schema = { id: "VARCHAR", payload: "VARCHAR" };

/** Starts one stream of the chain. `onPlanned` is told of each batch before it is transformed. */
export function startStage(
  session: Session,
  order: Pick<StreamOrder, "stage" | "source" | "maxRowsPerTrigger">,
  trigger: Trigger,
  onPlanned: (batch: MicroBatch) => void = () => {},
): Promise<StreamingQuery> {
  const { stage, source, maxRowsPerTrigger } = order;
  const transform: Transform = {
    schema,
    apply: (batch) => {
      onPlanned(batch);
      return `SELECT id, payload || '>${stage}' AS payload FROM ${batch.relation}`;
    },
  };
  const { readStream } = session;
  const stream = {
    a: () => readStream.schema(schema).options({ maxFilesPerTrigger: 1 }).json(source),
    b: () => readStream.options({ maxRowsPerTrigger }).table("a"),
    c: () => readStream.options({ maxRowsPerTrigger }).table("b"),
    late: () => readStream.options({ maxRowsPerTrigger }).table("a"),
  }[stage]();
  const writer = stream.transform(transform).writeStream.queryName(`${stage}_stream`)
    .trigger(trigger);
  // Three go the common way; the fourth writes the same by hand.
  if (stage !== "late") return writer.toTable(stage);
  return writer.foreachBatch(
    stage,
    schema,
    (connection, batch) => connection.run(`INSERT INTO "late" BY NAME SELECT * FROM ${batch}`),
  );
}

async function obey(order: StreamOrder): Promise<void> {
  let batch: MicroBatch | undefined;
  const death = new Death(order.death, () => ({ batchId: batch?.id, rows: batch?.numInputRows }));
  dieInTransaction(death, order.stage);
  const session = await Session.open(order.lake, { patience });
  let before = process.cpuUsage();
  session.streams.addListener({
    onQueryProgress({ batchId, numInputRows: rows, timestamp }) {
      const { user, system } = process.cpuUsage(before);
      before = process.cpuUsage();
      batch = undefined;
      say<BatchReport>({
        report: {
          batchId,
          rows,
          milliseconds: Date.now() - Date.parse(timestamp),
          processorMilliseconds: Math.round((user + system) / 1000),
        },
      });
    },
  });
  const query = await startStage(session, order, defaultTrigger, (planned) => {
    batch = planned;
    death.at("planned");
  });
  say({ ready: true });
  await query.awaitTermination();
}

/** Recognizes the points of a start, a batch's transaction and a compaction by their statements. */
function dieInTransaction(death: Death, stage: Stage): void {
  let does: "nothing" | "claim" | "commit" | "compaction" = "nothing";
  const { flush, rewrite, merge } = maintenanceSteps;
  watchStatements(async (sql, execute) => {
    if (sql === "BEGIN TRANSACTION") does = "nothing";
    if ([flush, rewrite, merge].some((call) => sql.includes(call))) does = "compaction";
    if (does === "compaction") {
      if (sql === "COMMIT") does = "nothing";
      return await death.during(compactionPoint, execute);
    }
    if (sql.startsWith("UPDATE lake.checkpoint.queries") && does === "nothing") does = "claim";
    if (sql === "COMMIT" && does !== "nothing") {
      death.at(`before ${does}`);
      const result = await (does === "claim" ? execute() : death.during("during commit", execute));
      death.at(`after ${does}`);
      return result;
    }
    const result = await execute();
    if (sql.startsWith(`INSERT INTO "${stage}"`)) {
      does = "commit";
      death.at("rows written");
    }
    return result;
  });
}

if (import.meta.main) await runAsChild(obey);
