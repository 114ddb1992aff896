import type { StreamingQueryProgress } from "../streaming/progress.ts";
import { appendRows, type OwnTable } from "./append_rows.ts";
import type { SparkSession } from "./spark_session.ts";

/** The table of the records. */
export const progressTable = "birdsong_progress";

const table: OwnTable = {
  name: progressTable,
  columns: "query STRING, id STRING, batch_id BIGINT, record STRING",
};

/**
 * The progress records of all runs, in a Delta table. Spark keeps those of a running query in the
 * server's memory only; this process writes them down as it sees them.
 */
export class ProgressLog {
  constructor(private readonly session: Pick<SparkSession, "sql" | "tableExists">) {}

  /** Writes records down, in one commit. */
  async append(records: readonly StreamingQueryProgress[]): Promise<void> {
    if (records.length === 0) return;
    const parameters: Record<string, string | number> = {};
    const rows = records.map((record, index) => {
      parameters[`query_${index}`] = record.name;
      parameters[`id_${index}`] = record.id;
      parameters[`batch_${index}`] = record.batchId;
      parameters[`record_${index}`] = JSON.stringify(record);
      return `($query_${index}, $id_${index}, $batch_${index}, $record_${index})`;
    });
    await appendRows(this.session, table, rows.join(", "), parameters);
  }

  /** The records of one query, or of all, oldest first. */
  async read(query?: string): Promise<StreamingQueryProgress[]> {
    if (!await this.session.tableExists(progressTable)) return [];
    const rows = await this.session.sql(
      `SELECT query, id, record FROM ${progressTable} WHERE $query IS NULL OR query = $query
       ORDER BY query, get_json_object(record, '$.timestamp')`,
      { query: query ?? null },
    );
    // A query whose table was dropped has begun anew, with another id.
    const ids = new Map(rows.map(({ query, id }) => [query, id]));
    return rows.filter(({ query, id }) => ids.get(query) === id)
      .map(({ record }) => JSON.parse(record));
  }
}
