import { BirdsongError, messageOf } from "../../errors.ts";
import { catalog } from "../../lakehouse/catalog_tables.ts";
import type { Connection } from "../../lakehouse/connection.ts";
import type { Lakehouse } from "../../lakehouse/lakehouse.ts";
import { identifier, literal } from "../../lakehouse/sql_text.ts";
import type { LoadedBatch, ReadLimit, SourceContext, StreamSource } from "./source.ts";

interface TableOffset {
  /** The table, by DuckLake's number: one that was dropped and made anew is another one. */
  table: number;
  /**
   * A version of the lake that holds all rows up to the last one taken; 0 until the rows are taken
   * that the table had at first.
   */
  version: number;
  /** Row id of the last row taken. */
  rowId: number;
}

/** The table at one moment. */
interface TableState {
  table: number;
  version: number;
  /** Row ids are below this one. */
  nextRowId: number;
}

// Maintenance may let a version expire between the look at the catalog and the read.
const attempts = 5;

/**
 * Reads the rows that a table has when its query starts for the first time, then those that are
 * appended to it. Each is taken once: what changes or deletes it later does not reach the stream.
 *
 * DuckLake numbers the rows of a table in the order of their commits, and keeps the number when it
 * compacts files or moves inlined rows into one: so the last number taken is the exact position.
 * The version beside it only spares reading older files; it may expire.
 */
export class TableSource implements StreamSource {
  readonly description: string;
  #context!: SourceContext;
  #offset: TableOffset = { table: -1, version: 0, rowId: -1 };
  #end: TableOffset | undefined;
  #latest: TableState = { table: -1, version: 0, nextRowId: 0 };

  constructor(
    private readonly lake: Lakehouse,
    private readonly table: string,
    /** Rows that one batch takes at most. */
    private readonly maxRowsPerTrigger: number,
  ) {
    this.description = `DuckLakeSource[${table}]`;
  }

  async open(context: SourceContext): Promise<void> {
    if (!await this.lake.tableExists(this.table)) {
      throw new BirdsongError(
        `${context.queryName} reads the table "${this.table}", which is not in ${this.lake.folder} ` +
          "yet: start the stream that writes it first.",
        { context: { table: this.table, query: context.queryName } },
      );
    }
    this.#context = context;
    const { table } = await this.#state();
    this.#offset = context.offset as TableOffset | undefined ?? { table, version: 0, rowId: -1 };
    if (this.#offset.table !== table) {
      throw new BirdsongError(
        `the table "${this.table}" has been dropped and made anew since ${context.queryName} read ` +
          "it: clear the previous run (BIRDSONG_CLEAR_PREVIOUS_RUN=true), so that both begin anew.",
        { context: { table: this.table, query: context.queryName } },
      );
    }
  }

  async refresh(): Promise<void> {
    // Not on the lake's own connection, which may be busy with a long query of the session, and looks
    // for the names of functions in the lake first, too.
    const { connection } = this.#context;
    this.#latest = await this.#state((sql, parameters) => connection.rows(sql, parameters));
  }

  async isDataAvailable(): Promise<boolean> {
    return (await this.#state()).nextRowId > this.#offset.rowId + 1;
  }

  async load(
    relation: string,
    _signal: AbortSignal,
    limit: ReadLimit,
  ): Promise<LoadedBatch | undefined> {
    const { table, nextRowId, version } = this.#latest;
    const most = limit === "options" ? this.maxRowsPerTrigger : nextRowId;
    for (let first = this.#offset.rowId + 1; first < nextRowId; first += most) {
      const end = Math.min(nextRowId, first + most);
      const numInputRows = await this.#loadRows(relation, first, end);
      // Deleted rows leave gaps in the numbers.
      if (numInputRows === 0) continue;
      // Before the last rows, the next ones may stand in a file of any version since.
      const known = end === nextRowId ? version : this.#offset.version;
      this.#end = { table, version: known, rowId: end - 1 };
      return {
        numInputRows,
        endOffset: this.#end,
        latestOffset: { table, version, rowId: nextRowId - 1 } satisfies TableOffset,
        // At most so many: those that have been deleted have left their numbers.
        metrics: { numRowsOutstanding: nextRowId - end },
      };
    }
    this.#offset = { table, version, rowId: nextRowId - 1 };
    return undefined;
  }

  committed(): void {
    if (this.#end) this.#offset = this.#end;
  }

  async #state(
    // The batch's connection only where no transaction is open on it.
    rows: Connection["rows"] = (sql, parameters) => this.lake.sql(sql, parameters),
  ): Promise<TableState> {
    const [found] = await rows(
      `SELECT table_id, next_row_id,
         (SELECT max(snapshot_id) FROM ${catalog}.ducklake_snapshot) AS version
       FROM ${catalog}.ducklake_table AS tables
       JOIN ${catalog}.ducklake_schema AS schemas USING (schema_id)
       LEFT JOIN ${catalog}.ducklake_table_stats USING (table_id)
       WHERE tables.end_snapshot IS NULL AND schemas.end_snapshot IS NULL
         AND schema_name = 'main' AND table_name = $table`,
      { table: this.table },
    );
    if (!found) throw new BirdsongError(`the table "${this.table}" has been dropped`);
    // A table without rows has no statistics yet.
    return {
      table: found.table_id,
      version: found.version,
      nextRowId: found.next_row_id ?? 0,
    };
  }

  /** Loads the rows with the numbers from `first` up to, not including, `end`; says how many. */
  async #loadRows(relation: string, first: number, end: number): Promise<number> {
    const { connection, inputColumns } = this.#context;
    const columns = inputColumns?.map(identifier).join(", ") ?? "*";
    const rows = identifier(`${relation}_rows`);
    for (let attempt = 1;; attempt++) {
      try {
        const versionsExpired = attempt > 1;
        await connection.run(
          `CREATE OR REPLACE TEMP TABLE ${rows} AS
           SELECT ${columns}, rowid AS _rowid FROM ${await this.#newRows(versionsExpired)}
           WHERE rowid >= ${first} AND rowid < ${end}`,
        );
        break;
      } catch (error) {
        if (attempt === attempts || !/No snapshot found/.test(messageOf(error))) throw error;
      }
    }
    await connection.run(
      `CREATE OR REPLACE TEMP VIEW ${identifier(relation)} AS
       SELECT * EXCLUDE (_rowid) FROM temp.${rows}`,
    );
    const counted = await connection.row(
      `SELECT count(*) AS rows, count(DISTINCT _rowid) AS different FROM temp.${rows}`,
    );
    const { rows: count, different } = counted!;
    if (count === different) return count;
    // What has been written anew without its deleted rows is found in both files.
    await connection.run(
      `CREATE OR REPLACE TEMP TABLE ${rows} AS SELECT DISTINCT ON (_rowid) * FROM temp.${rows}`,
    );
    return different;
  }

  /**
   * The rows that have not been taken, and perhaps more, as a relation with row ids.
   *
   * @param versionsExpired Whether one of the versions between which they came is no longer there.
   */
  async #newRows(versionsExpired: boolean): Promise<string> {
    // What the table had at first: not what had been deleted from it by then.
    if (this.#offset.version === 0) return identifier(this.table);
    if (!versionsExpired) return this.#insertions(this.#offset.version, this.#latest.version);
    // The newest version before the expired one covers the same rows and more.
    const versions = await this.#context.connection.row(
      `SELECT max(snapshot_id) FILTER (WHERE snapshot_id <= ${this.#offset.version}) AS known,
         max(snapshot_id) AS newest
       FROM ${catalog}.ducklake_snapshot`,
    );
    const { known, newest } = versions!;
    if (known === null) return identifier(this.table);
    return this.#insertions(known, newest);
  }

  #insertions(from: number, to: number): string {
    return `ducklake_table_insertions('lake', 'main', ${literal(this.table)}, ${from}, ${to})`;
  }
}
