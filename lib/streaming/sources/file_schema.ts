import { BirdsongError } from "../../errors.ts";
import type { Schema } from "../../lakehouse/sql_text.ts";
import { jsonColumnTypes } from "./json_records.ts";
import { caseless } from "./schema_evolution.ts";

/** Columns of a file source's own, behind those of its schema; the last two become `_metadata`. */
export const ownColumns: Schema = {
  _rescued_data: "VARCHAR",
  _corrupt_record: "VARCHAR",
  _file: "VARCHAR",
  _line: "INTEGER",
};

/** Names that no column of the files can have. */
export const reservedColumns: readonly string[] = [...Object.keys(ownColumns), "_metadata"];

/**
 * Checks the schema that a file source is given.
 *
 * @throws {BirdsongError} for a column of a type that JSON has no value for, or with a taken name.
 */
export function checkFileSchema(schema: Schema): void {
  const taken = new Set(reservedColumns);
  for (const [column, type] of Object.entries(schema)) {
    if (!jsonColumnTypes.includes(type)) {
      throw new BirdsongError(
        `column "${column}" must have one of the types ${jsonColumnTypes.join(", ")}, ` +
          `but has ${type}`,
      );
    }
    if (taken.has(caseless(column))) {
      throw new BirdsongError(
        `no column of the files can be called "${column}": ${reservedColumns.join(", ")} are ` +
          "the source's own, and SQL does not tell upper from lower case",
      );
    }
    taken.add(caseless(column));
  }
}
