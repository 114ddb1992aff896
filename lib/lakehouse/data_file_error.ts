import { BirdsongError, messageOf } from "../errors.ts";
import { catalog, qualifiedName } from "./catalog_tables.ts";
import type { Connection } from "./connection.ts";
import { literal } from "./sql_text.ts";

/** A Parquet file of the lake. */
interface DataFile {
  table: string;
  /** Relative to the tables' folder. */
  path: string;
}

/** What DuckDB says of a file, from the first word on: further behind, errors quote values. */
const missing = /^(IO Error: .*: No such file or directory|HTTP Error: .*404)/s;
const damaged =
  /^(Invalid Input Error: (File '|No magic bytes|Failed to read file)|Invalid Error: (TProtocolException|Parquet file))/;

/**
 * Explains an error that comes from a Parquet file of a table: it is missing, or damaged.
 *
 * @param dataPath Where the tables' files are.
 * @returns undefined where the error has another reason.
 */
export async function explainDataFileError(
  error: unknown,
  connection: Connection,
  dataPath: string,
): Promise<BirdsongError | undefined> {
  const text = messageOf(error);
  const isMissing = missing.test(text);
  if (!isMissing && !damaged.test(text)) return undefined;
  const [name] = /[\w-]+\.parquet/.exec(text) ?? [];
  if (isMissing && !name) return undefined;
  const file = name
    ? await findFile(connection, name)
    : await findDamagedFile(connection, dataPath);
  if (file) {
    const { table } = file;
    const path = `${dataPath}/${file.path}`;
    return new BirdsongError(
      `a file of the table "${table}" is ${isMissing ? "missing" : "damaged"}: ${path}. ` +
        "Put it back from a copy; without one, clear the previous run " +
        "(BIRDSONG_CLEAR_PREVIOUS_RUN=true), so that the streams read the source anew.",
      { cause: error, context: { table, file: path } },
    );
  }
  if (!isMissing) return undefined;
  return new BirdsongError(
    "a version of a table has been removed by vacuum while it was read: read again, and vacuum " +
      `with a longer retention. (${text})`,
    { cause: error, retriable: true },
  );
}

const dataFiles = `
  SELECT ${qualifiedName} AS table,
    schemas.path || tables.path || files.path AS path
  FROM (
    SELECT table_id, path FROM ${catalog}.ducklake_data_file
    UNION ALL SELECT table_id, path FROM ${catalog}.ducklake_delete_file
  ) AS files
  JOIN ${catalog}.ducklake_table AS tables USING (table_id)
  JOIN ${catalog}.ducklake_schema AS schemas USING (schema_id)`;

/** The file of this name; undefined where no version of a table has it. */
async function findFile(connection: Connection, name: string): Promise<DataFile | undefined> {
  return await connection.row(
    `SELECT * FROM (${dataFiles}) WHERE ends_with(path, $name)`,
    { name },
  ) as DataFile | undefined;
}

/** The first file that cannot be read to its end. */
async function findDamagedFile(
  connection: Connection,
  dataPath: string,
): Promise<DataFile | undefined> {
  for (const file of await connection.rows(dataFiles) as DataFile[]) {
    const path = literal(`${dataPath}/${file.path}`);
    try {
      await connection.run(`SELECT max(hash(COLUMNS(*))) FROM read_parquet([${path}])`);
    } catch (error) {
      if (damaged.test(messageOf(error))) return file;
    }
  }
}
