import { BirdsongError } from "../errors.ts";
import type { Row } from "../lakehouse/row.ts";
import type { ForeachBatch } from "../streaming/sink.ts";
import { keptCondition, type Transform } from "../streaming/transform.ts";
import { type Batch, batchTable } from "./batch_log.ts";
import type { DeltaSource } from "./delta_source.ts";
import { inputMetrics } from "./metrics.ts";
import type { SparkSession } from "./spark_session.ts";
import { sparkIdentifier, sparkLiteral } from "./sql.ts";

/** What is done with each batch of a query with `foreachBatch`. */
export interface BatchDefinition {
  /** The query's. */
  name: string;
  /** Under which Delta notes in the table which batches it has. */
  appId: string;
  source: DeltaSource;
  transform: Transform;
  merge: ForeachBatch;
}

/** How a batch is run. */
export interface BatchRun {
  /** Whether this run has begun the batch; else, an earlier one may have merged it already. */
  isNew: boolean;
  signal: AbortSignal;
}

// Delta answers these with a row, unless it leaves them out; an INSERT has no answer.
const givesRow = /^\s*(MERGE|UPDATE|DELETE)\b/i;

/**
 * Hands a batch's rows to `merge`, with the batch's number for Delta's commit.
 *
 * @param writer A session of its own: the number is configuration, which all writes of a session see.
 * @returns The rows written; undefined where an earlier run may have merged the batch, and Delta says
 *   nothing of this one.
 * @throws {BirdsongError} for a second statement, or where Delta leaves out a new batch.
 */
export async function mergeBatch(
  writer: SparkSession,
  { appId, name, source, transform, merge }: BatchDefinition,
  batch: Batch,
  { isNew, signal }: BatchRun,
): Promise<number | undefined> {
  await writer.client.setConfig({
    "spark.databricks.delta.write.txnAppId": appId,
    "spark.databricks.delta.write.txnVersion": String(batch.batchId),
  });
  const kept = keptCondition(transform);
  const view = sparkIdentifier(`birdsong_${name}_batch`);
  const result = transform.spark!({
    relation: `(SELECT * FROM ${rowsOf(source, batch)}${kept ? ` WHERE ${kept}` : ""})`,
    scoreCommand: () => {
      throw new BirdsongError("on Spark, a stream with foreachBatch cannot score");
    },
  });
  await writer.sql(`CREATE OR REPLACE TEMP VIEW ${view} AS ${result}`);
  let [statements, hasAnswer] = [0, false];
  const run = async (sql: string) => {
    if (statements++ > 0) {
      throw new BirdsongError(
        "on Spark, foreachBatch runs one statement: of a second one, Delta would think that it has " +
          "the batch already, and leave it out. What the first one has written stays: let the " +
          "function run one statement, drop the table that this stream writes, and the stream begins " +
          "anew",
      );
    }
    const [written] = await writer.sql(sql, {}, { signal });
    if (written) hasAnswer = true;
    else if (isNew && givesRow.test(sql)) throw leftOut(batch);
    return Number(written?.num_affected_rows ?? 0);
  };
  const numOutputRows = await merge({ run }, view, batch.batchId);
  return isNew || hasAnswer ? numOutputRows : undefined;
}

function leftOut({ batchId }: Batch): BirdsongError {
  return new BirdsongError(
    `Delta has left out batch ${batchId}, which has just begun: the table has one of this number. ` +
      "Where another process runs this stream, too, stop one of them and start again. Where " +
      `${batchTable} was deleted, drop the table that this stream writes, too, and the stream begins ` +
      "anew",
  );
}

/** What the progress record says of the rows that a batch has read, by name. */
export async function batchMetrics(
  session: SparkSession,
  { source, transform }: BatchDefinition,
  batch: Batch,
  signal: AbortSignal,
): Promise<Row> {
  const metrics = Object.entries(inputMetrics({ observe: {} }, transform))
    .map(([metric, aggregate]) => `${aggregate} AS ${sparkIdentifier(metric)}`);
  const [row] = await session.sql(
    `SELECT ${metrics.join(", ")} FROM ${rowsOf(source, batch)}`,
    {},
    { signal },
  );
  return row;
}

function rowsOf({ table }: DeltaSource, { startVersion, endVersion }: Batch): string {
  return `(SELECT * FROM table_changes(${sparkLiteral(table)}, ${startVersion}, ${endVersion})
    WHERE _change_type = 'insert')`;
}
