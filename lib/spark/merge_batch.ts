import { BirdsongError } from "../errors.ts";
import type { Row } from "../lakehouse/row.ts";
import type { ForeachBatch } from "../streaming/sink.ts";
import { keptCondition, type Transform } from "../streaming/transform.ts";
import type { Batch } from "./batch_log.ts";
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

/**
 * Hands a batch's rows to `merge`, with the batch's number for Delta's commit.
 *
 * @param writer A session of its own: the number is configuration, which all writes of a session see.
 * @returns The rows written; undefined where Delta has the batch already.
 */
export async function mergeBatch(
  writer: SparkSession,
  { appId, name, source, transform, merge }: BatchDefinition,
  batch: Batch,
  signal: AbortSignal,
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
  let [statements, skipped] = [0, true];
  const run = async (sql: string) => {
    if (statements++ > 0) {
      throw new BirdsongError(
        "on Spark, foreachBatch runs one statement: of a second one, Delta would think that it has " +
          "the batch already, and leave it out",
      );
    }
    const [written] = await writer.sql(sql, {}, { signal });
    if (written) skipped = false;
    return Number(written?.num_affected_rows ?? 0);
  };
  const numOutputRows = await merge({ run }, view, batch.batchId);
  return skipped ? undefined : numOutputRows;
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
