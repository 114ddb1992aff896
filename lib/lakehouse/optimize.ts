import { BirdsongError } from "../errors.ts";
import { catalog, qualifiedName } from "./catalog_tables.ts";
import type { Connection } from "./connection.ts";
import type { Lakehouse } from "./lakehouse.ts";
import { literal } from "./sql_text.ts";

/** Files at one moment. */
export interface Storage {
  files: number;
  /** Their size. */
  bytes: number;
}

/** How much {@linkcode optimize} does. */
export interface OptimizeOptions {
  /** Files of at least so many bytes are not merged. @default 512 MB, DuckLake's target */
  maxFileSize?: number;
}

/** What {@linkcode optimize} did to one table. */
export interface OptimizeResult {
  /** The table; those of the streams' state are `checkpoint.<name>`. */
  table: string;
  /** Parquet files of the newest version: data and lists of deleted rows. */
  before: Storage;
  after: Storage;
}

/**
 * Makes few large files of many small ones, as Delta's OPTIMIZE does: rows that the catalog holds
 * inline go to a file, deleted rows leave theirs, neighbouring files are merged. The rows, their
 * order and the earlier versions stay as they are, so streams may write and read the table meanwhile.
 *
 * The files that are replaced stay on the disk until {@linkcode vacuum} removes them.
 *
 * @param table One table by its name; without it, all tables and the streams' state.
 * @throws {BirdsongError} where there is no such table.
 */
export async function optimize(
  lake: Lakehouse,
  table?: string,
  options: OptimizeOptions = {},
): Promise<OptimizeResult[]> {
  // A connection of its own: the lake's may be busy with a long query of the session.
  const connection = await lake.connect();
  try {
    const tables = await storedTables(connection);
    const chosen = tables.filter(({ name }) => table === undefined || name === table);
    if (table !== undefined && chosen.length === 0) {
      throw new BirdsongError(
        `there is no table "${table}" to optimize in ${lake.folder}; there are: ` +
          tables.map(({ name }) => name).join(", "),
        { context: { table } },
      );
    }
    for (const entry of chosen) await optimizeTable(lake, connection, entry, options);
    const after = new Map((await storedTables(connection)).map(({ id, storage }) => [id, storage]));
    return chosen.map(({ id, name, storage }) => ({
      table: name,
      before: storage,
      after: after.get(id) ?? { files: 0, bytes: 0 },
    }));
  } catch (error) {
    throw await lake.explain(error, "optimize") ?? error;
  } finally {
    connection.close();
  }
}

/** A table with what its newest version takes. */
interface StoredTable {
  id: number;
  /** The table's name; where its schema is another than `main`, with that before it. */
  name: string;
  schema: string;
  table: string;
  storage: Storage;
}

// As in Delta: a file is written anew when more than this share of its rows are deleted.
const maxDeletedRowsRatio = 0.05;

/** Each step is a commit of its own: a stream that writes meanwhile undoes one step at most. */
async function optimizeTable(
  lake: Lakehouse,
  connection: Connection,
  { name, schema, table }: StoredTable,
  { maxFileSize }: OptimizeOptions,
): Promise<void> {
  const target = `${literal(table)}, schema => ${literal(schema)}`;
  const steps = [
    `ducklake_flush_inlined_data('lake', table_name => ${literal(table)}, ` +
    `schema_name => ${literal(schema)})`,
    `ducklake_rewrite_data_files('lake', ${target}, delete_threshold => ${maxDeletedRowsRatio})`,
    `ducklake_merge_adjacent_files('lake', ${target}` +
    `${maxFileSize === undefined ? "" : `, max_file_size => ${maxFileSize}`})`,
  ];
  for (const step of steps) {
    await lake.commit(
      connection,
      { author: "optimize", message: `optimize ${name}` },
      () => connection.run(`CALL ${step}`),
    );
  }
}

/** All tables, by name. */
async function storedTables(connection: Connection): Promise<StoredTable[]> {
  return await connection.rows(
    `SELECT table_id AS id, schema_name AS schema, table_name AS table,
       ${qualifiedName} AS name,
       {'files': file_count + delete_file_count,
        'bytes': file_size_bytes + delete_file_size_bytes} AS storage
     FROM ducklake_table_info('lake')
     JOIN ${catalog}.ducklake_schema AS schemas USING (schema_id)
     WHERE schemas.end_snapshot IS NULL ORDER BY name`,
  ) as StoredTable[];
}
