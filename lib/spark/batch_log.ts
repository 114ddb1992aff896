import { BirdsongError } from "../errors.ts";
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
    if (version < startVersion - 1) {
      throw new BirdsongError(
        `the last version of ${source} is ${version}, but its rows up to version ${
          startVersion - 1
        } have been processed: it was dropped and made anew. Drop the table that this stream ` +
          "writes, too, and the stream begins anew",
        { context: { table: source } },
      );
    }
    if (version < startVersion) return undefined;
    return { batchId: (last?.batchId ?? -1) + 1, startVersion, endVersion: version };
  }

  /**
   * Writes a batch down, unless its number is there already: a process that was killed, or a second
   * one, may have begun it with other versions.
   *
   * @returns The batch of this number, which is the one to run.
   */
  async begin({ batchId, startVersion, endVersion }: Batch): Promise<Batch> {
    await this.session.sql(
      `MERGE INTO ${table} AS begun
       USING (SELECT ${sparkLiteral(this.query)} AS query, ${batchId}L AS batch_id,
         ${startVersion}L AS start_version, ${endVersion}L AS end_version) AS batch
       ON begun.query = batch.query AND begun.batch_id = batch.batch_id
       WHEN NOT MATCHED THEN INSERT *`,
    );
    return (await this.last())!;
  }
}
