import type { SparkSession } from "./spark_session.ts";
import { sparkLiteral } from "./sql.ts";

/** A batch: the rows that came into a table between two of its versions, both included. */
export interface Batch {
  batchId: number;
  /** Delta's id of the table that is read; another table of the same name has another one. */
  sourceId: string;
  startVersion: number;
  endVersion: number;
}

/** A batch that has been written down. */
export interface LoggedBatch extends Batch {
  /** Whether its rows are in the table that the query writes. */
  done: boolean;
}

/** The table of the batches. */
export const batchTable = "birdsong_batches";

/**
 * The last batch of each query with `foreachBatch`, in a Delta table: what Spark's offset log and
 * commit log are to its own queries. A batch is written down before it begins, and marked when it is
 * done. Earlier ones are in the table's history.
 *
 * One row a query, which is updated: of two processes that run the same query, Delta lets one commit
 * and tells the other. A partition a query, so that others do not meet it.
 */
export class BatchLog {
  readonly #query: string;

  private constructor(private readonly session: SparkSession, query: string) {
    this.#query = sparkLiteral(query);
  }

  static async open(session: SparkSession, query: string): Promise<BatchLog> {
    await session.sql(
      `CREATE TABLE IF NOT EXISTS ${batchTable} (query STRING, batch_id BIGINT, source_id STRING,
         start_version BIGINT, end_version BIGINT, done BOOLEAN)
       USING delta PARTITIONED BY (query)`,
    );
    return new BatchLog(session, query);
  }

  /** The batch that was begun last. */
  async last(): Promise<LoggedBatch | undefined> {
    const [batch] = await this.session.sql<LoggedBatch>(
      `SELECT batch_id AS "batchId", source_id AS "sourceId", start_version AS "startVersion",
         end_version AS "endVersion", done
       FROM ${batchTable} WHERE query = ${this.#query}`,
    );
    return batch;
  }

  /**
   * Writes a batch down, unless its number is there already: a process that was killed, or a second
   * one, may have begun it with other versions. Then, the last one is the one to run.
   *
   * @returns Whether it has been written down.
   */
  async begin(batch: Batch): Promise<boolean> {
    const { batchId, sourceId, startVersion, endVersion } = batch;
    const [written] = await this.session.sql(
      `MERGE INTO ${batchTable} AS last
       USING (SELECT ${this.#query} AS query, ${batchId}L AS batch_id,
         ${sparkLiteral(sourceId)} AS source_id, ${startVersion}L AS start_version,
         ${endVersion}L AS end_version, false AS done) AS batch
       ON last.query = ${this.#query} AND last.query = batch.query
       WHEN MATCHED AND last.done AND last.batch_id < batch.batch_id THEN UPDATE SET *
       WHEN NOT MATCHED THEN INSERT *`,
    );
    return Number(written?.num_affected_rows) === 1;
  }

  /** Marks a batch whose rows are in the table: it is never looked at again. */
  async markDone({ batchId }: Batch): Promise<void> {
    await this.session.sql(
      `UPDATE ${batchTable} SET done = true WHERE query = ${this.#query} AND batch_id = ${batchId}`,
    );
  }
}
