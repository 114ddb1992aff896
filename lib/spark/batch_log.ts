import type { SparkSession } from "./spark_session.ts";
import { sparkIdentifier, sparkLiteral } from "./sql.ts";

/** A batch: the rows that came into a table between two of its versions, both included. */
export interface Batch {
  batchId: number;
  startVersion: number;
  endVersion: number;
}

const table = "birdsong_batches";

/**
 * The batches that queries with `foreachBatch` have begun, in a Delta table: what Spark's offset log
 * is to its own queries. A batch is written down before it begins.
 */
export class BatchLog {
  private constructor(private readonly session: SparkSession, private readonly query: string) {}

  static async open(session: SparkSession, query: string): Promise<BatchLog> {
    await session.sql(
      `CREATE TABLE IF NOT EXISTS ${table}
         (query STRING, batch_id BIGINT, start_version BIGINT, end_version BIGINT) USING delta`,
    );
    return new BatchLog(session, query);
  }

  /** The batch that was begun last. */
  async last(): Promise<Batch | undefined> {
    const [batch] = await this.session.sql<Batch>(
      `SELECT batch_id AS "batchId", start_version AS "startVersion", end_version AS "endVersion"
       FROM ${table} WHERE query = ${sparkLiteral(this.query)} ORDER BY batch_id DESC LIMIT 1`,
    );
    return batch;
  }

  /** The next batch of a table: all versions after the last one; undefined where there are none. */
  async next(source: string): Promise<Batch | undefined> {
    const last = await this.last();
    const startVersion = (last?.endVersion ?? -1) + 1;
    const [{ version }] = await this.session.sql(
      `DESCRIBE HISTORY ${sparkIdentifier(source)} LIMIT 1`,
    );
    if (version < startVersion) return undefined;
    return { batchId: (last?.batchId ?? -1) + 1, startVersion, endVersion: version };
  }

  /** Writes a batch down. */
  async begin({ batchId, startVersion, endVersion }: Batch): Promise<void> {
    await this.session.sql(
      `INSERT INTO ${table} VALUES
         (${sparkLiteral(this.query)}, ${batchId}, ${startVersion}, ${endVersion})`,
    );
  }
}
