import { Buffer } from "node:buffer";
import { decodeDataFile } from "../streaming/sources/read_data_file.ts";
import { parseRecords } from "../streaming/sources/json_records.ts";

/**
 * Parses files as the embedded engine does, with its own code: what becomes of an odd line is the same
 * on both engines.
 *
 * @param lines Of each file, its path and its bytes, in base64 with a tab between.
 * @returns JSON of each record, with its place in `_metadata`.
 */
export async function* readFiles(
  lines: AsyncIterable<string>,
  folder: string,
  columns: readonly string[],
): AsyncGenerator<string> {
  const schema = Object.fromEntries(columns.map((name) => [name, "VARCHAR"]));
  for await (const line of lines) {
    const [path, content] = line.split("\t").map((text) => Buffer.from(text, "base64"));
    const { file, filePath } = placeOf(path.toString(), folder);
    // Spark passes over hidden files, but not over those in hidden folders.
    if (/(^|\/)[._]/.test(file)) continue;
    const { text, invalidLines } = decodeDataFile(filePath, content);
    for (const record of parseRecords(text, schema, { invalidLines })) {
      const values = columns.map((name, index) => [name, wellFormed(record.values[index])]);
      yield JSON.stringify({
        ...Object.fromEntries(values),
        _rescued_data: record.rescued,
        _corrupt_record: wellFormed(record.corrupt),
        _metadata: { file_path: filePath, file, line: record.line },
      });
    }
  }
}

/** Half a surrogate pair becomes U+FFFD, as in DuckDB; Spark would make it a question mark. */
function wellFormed(text: string | null): string | null {
  return text?.toWellFormed() ?? null;
}

/** A file's path without scheme, and the part of it below the source's folder. */
function placeOf(uri: string, folder: string): { file: string; filePath: string } {
  const filePath = withoutScheme(uri);
  const prefix = withoutScheme(folder).replace(/\/*$/, "/");
  return { filePath, file: filePath.startsWith(prefix) ? filePath.slice(prefix.length) : filePath };
}

function withoutScheme(uri: string): string {
  return uri.replace(/^file:(\/\/)?(?=\/)/, "");
}
