import { BirdsongError } from "../errors.ts";
import type { Lakehouse } from "../lakehouse/lakehouse.ts";
import { identifier, literal } from "../lakehouse/sql_text.ts";
import type { LoadedBatch, SourceContext, StreamSource } from "./source.ts";

interface TableOffset {
  /** Version of the lake that the batch was read at. */
  version: number;
  /** Row id of the last row taken. */
  rowId: number;
}

/**
 * Reads the rows that have been appended to a table since the last committed batch.
 *
 * DuckLake numbers the rows of a table in the order of their commits, and keeps the number when it
 * compacts files or moves inlined rows into one: so the last number taken is the exact position.
 * The version beside it only spares reading older files.
 */
export class TableSource implements StreamSource {
  readonly description: string;
  #context!: SourceContext;
  #offset: TableOffset = { version: 0, rowId: -1 };
  #end: TableOffset | undefined;
  #latest = 0;

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
    if (context.offset) this.#offset = context.offset as TableOffset;
  }

  async refresh(): Promise<void> {
    this.#latest = await this.lake.currentVersion();
  }

  async isDataAvailable(): Promise<boolean> {
    const { version, rowId } = this.#offset;
    const latest = await this.lake.currentVersion();
    if (latest === version) return false;
    const appended = await this.#appendedRows(latest);
    const rows = await this.lake.sql(`SELECT 1 FROM ${appended} WHERE rowid > ${rowId} LIMIT 1`);
    return rows.length > 0;
  }

  async load(relation: string): Promise<LoadedBatch | undefined> {
    const { connection } = this.#context;
    const { version, rowId } = this.#offset;
    if (this.#latest === version) return undefined;
    const appended = await this.#appendedRows(this.#latest);
    const limit = this.maxRowsPerTrigger;
    const range = await connection.row(
      `SELECT max(rowid) AS last, count(*) AS rows FROM (
         SELECT rowid FROM ${appended} WHERE rowid > $rowId ORDER BY rowid LIMIT $limit)`,
      { rowId, limit },
    );
    if (!range?.rows) {
      this.#offset = { version: this.#latest, rowId };
      return undefined;
    }
    // A full batch may have left rows of the same versions to the next one.
    this.#end = { version: range.rows === limit ? version : this.#latest, rowId: range.last };
    await connection.run(
      `CREATE OR REPLACE TEMP TABLE ${identifier(relation)} AS
       SELECT * FROM ${appended} WHERE rowid > ${rowId} AND rowid <= ${range.last} ORDER BY rowid`,
    );
    return {
      numInputRows: range.rows,
      endOffset: this.#end,
      latestOffset: { version: this.#latest },
    };
  }

  committed(): void {
    if (this.#end) this.#offset = this.#end;
  }

  /** The table's rows since the version of the offset, as a relation that has `rowid`. */
  async #appendedRows(upTo: number): Promise<string> {
    // That version may have expired; the newest one before it covers the same rows and more.
    const [known] = await this.lake.sql(
      `SELECT max(snapshot_id) AS version FROM __ducklake_metadata_lake.ducklake_snapshot
       WHERE snapshot_id <= ${this.#offset.version}`,
    );
    return known.version === null
      ? `${identifier(this.table)} AT (VERSION => ${upTo})`
      : `ducklake_table_insertions('lake', 'main', ${literal(this.table)}, ` +
        `${known.version}, ${upTo})`;
  }
}
