import type { Connection } from "../../lakehouse/connection.ts";
import { RowWriter } from "../../lakehouse/row_writer.ts";
import { identifier, literal, type Schema } from "../../lakehouse/sql_text.ts";
import { ownColumns } from "./file_schema.ts";
import { parseRecords } from "./json_records.ts";
import type { SchemaEvolution } from "./schema_evolution.ts";
import type { DataFile } from "./read_data_file.ts";
import type { CorruptFile } from "./take_file.ts";

/** The rows of a batch's files, in temporary tables of the query's connection. */
export class FileBatch {
  /** The files taken, in their order. */
  readonly files: string[] = [];
  readonly observed = { corruptRecords: 0, rescuedRecords: 0 };

  private constructor(
    private readonly connection: Connection,
    private readonly relation: string,
    private readonly schema: Schema,
    private readonly evolution: SchemaEvolution,
    private readonly rows: RowWriter,
    private readonly taken: RowWriter,
  ) {}

  /** @param relation The name of the relation that {@linkcode close} makes. */
  static async create(
    connection: Connection,
    relation: string,
    schema: Schema,
    evolution: SchemaEvolution,
  ): Promise<FileBatch> {
    return new FileBatch(
      connection,
      relation,
      schema,
      evolution,
      await RowWriter.create(connection, `${relation}_rows`, { ...schema, ...ownColumns }),
      await RowWriter.create(connection, `${relation}_files`, {
        path: "VARCHAR",
        size: "BIGINT",
        error: "VARCHAR",
      }),
    );
  }

  get numRows(): number {
    return this.rows.count;
  }

  /** Adds a file with all its records; without any, where it is corrupt. */
  add(file: string, content: DataFile | CorruptFile): void {
    this.files.push(file);
    if ("error" in content) {
      this.taken.add([file, null, content.error]);
      return;
    }
    const { text, invalidLines, size } = content;
    const rescues = (name: string, value: unknown, line: number) =>
      this.evolution.meet(name, value, file, line);
    for (const record of parseRecords(text, this.schema, { invalidLines, rescues })) {
      if (record.corrupt !== null) this.observed.corruptRecords++;
      if (record.rescued !== null) this.observed.rescuedRecords++;
      this.rows.add([...record.values, record.rescued, record.corrupt, file, record.line]);
    }
    this.taken.add([file, BigInt(size), null]);
  }

  /** Makes the relation of the rows added; `folder` is where the files are. */
  async close(folder: string): Promise<void> {
    this.rows.close();
    this.taken.close();
    const prefix = literal(folder.endsWith("/") ? folder : `${folder}/`);
    await this.connection.run(
      `CREATE OR REPLACE TEMP VIEW ${identifier(this.relation)} AS
       SELECT * EXCLUDE (_file, _line),
         {'file_path': ${prefix} || _file, 'file': _file, 'line': _line} AS _metadata
       FROM temp.${identifier(`${this.relation}_rows`)}`,
    );
  }

  /** Notes the files in the checkpoint, within the batch's transaction. */
  async record(connection: Connection, queryName: string, batchId: number): Promise<void> {
    await connection.run(
      `INSERT INTO lake.checkpoint.files (query, batch_id, path, size, error)
       SELECT $queryName, $batchId, path, size, error
       FROM temp.${identifier(`${this.relation}_files`)}`,
      { queryName, batchId },
    );
  }
}
