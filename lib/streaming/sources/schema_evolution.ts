import { BirdsongError } from "../../errors.ts";
import type { Schema } from "../../lakehouse/sql_text.ts";
import { ExactNumber } from "./exact_json.ts";

/**
 * What a file source does with fields that its schema has no column for; the words, and what they
 * mean, are those of Databricks' Auto Loader.
 *
 * - `rescue`: they go to `_rescued_data`. The stream never fails of them.
 * - `addNewColumns`: the stream fails, naming them, and has added them to its schema: started again,
 *   it goes on with them. A column's type is that of the values found.
 * - `failOnNewColumns`: the stream fails until the schema has them, or the file is gone.
 * - `none`: they are ignored, and counted as `ignoredFields`.
 *
 * Values of another type than their column's are rescued in every mode. So are fields that cannot be
 * columns: SQL does not tell `Name` from `name`, and some names are taken.
 */
export const schemaEvolutionModes = [
  "rescue",
  "addNewColumns",
  "failOnNewColumns",
  "none",
] as const;

/** One of {@linkcode schemaEvolutionModes}. */
export type SchemaEvolutionMode = typeof schemaEvolutionModes[number];

// Beyond it, names are data: `{"2009-04-06": 1, "2009-04-07": 2}`.
const maxColumns = 1000;
const namesInMessage = 10;

interface NewColumn {
  type: string;
  /** Where it was seen first. */
  file: string;
  line: number;
}

/** Decides field by field, for the files of one batch. */
export class SchemaEvolution {
  /** Fields that were dropped. */
  ignoredFields = 0;
  readonly #new = new Map<string, NewColumn>();
  readonly #taken: Set<string>;

  /** @param reserved Names that no new column can have, besides those of the schema. */
  constructor(
    private readonly mode: SchemaEvolutionMode,
    private readonly schema: Schema,
    reserved: readonly string[],
  ) {
    this.#taken = new Set([...Object.keys(schema), ...reserved].map(caseless));
  }

  /** The columns to add, in the order in which they were found. */
  get newColumns(): Schema {
    return Object.fromEntries([...this.#new].map(([name, { type }]) => [name, type]));
  }

  /**
   * Meets a field that has no column.
   *
   * @returns Whether it is rescued; it is ignored otherwise.
   * @throws {BirdsongError} where the mode says so.
   */
  meet(name: string, value: unknown, file: string, line: number): boolean {
    if (this.mode === "none") {
      this.ignoredFields++;
      return false;
    }
    if (this.mode === "rescue" || !this.#canBeColumn(name)) return true;
    if (this.mode === "failOnNewColumns") {
      throw new BirdsongError(
        `${JSON.stringify(file)}, line ${line}: the schema has no column ` +
          `${JSON.stringify(name)}. Add it to the schema, move the file out of the source ` +
          "folder, or choose another schemaEvolutionMode.",
        { context: { file, line, column: name } },
      );
    }
    this.#add(name, value, file, line);
    return true;
  }

  /** The error that ends a stream whose schema has new columns. */
  newColumnsError(queryName: string): BirdsongError {
    const found = [...this.#new].map(([name, { type, file, line }]) =>
      `${JSON.stringify(name)} (${type}, first in ${JSON.stringify(file)}, line ${line})`
    );
    const more = found.length > namesInMessage ? ` and ${found.length - namesInMessage} more` : "";
    const [[column, { file, line }]] = this.#new;
    return new BirdsongError(
      `${queryName} has found new columns: ${found.slice(0, namesInMessage).join(", ")}${more}. ` +
        "They have been added to its schema: start it again, and it goes on with them (its table " +
        "takes them with the option mergeSchema).",
      { retriable: true, context: { query: queryName, column, file, line } },
    );
  }

  #canBeColumn(name: string): boolean {
    if (this.#new.has(name)) return true;
    // deno-lint-ignore no-control-regex
    const writable = /^[^\u0000-\u001f]+$/.test(name) && name.isWellFormed();
    // No row, which is a JavaScript object, can have a column `__proto__`.
    return writable && name !== "__proto__" && !this.#taken.has(caseless(name));
  }

  #add(name: string, value: unknown, file: string, line: number): void {
    const type = typeOf(value);
    // An object, an array or null says nothing of a column: it waits for a value that does.
    if (type === undefined) return;
    const found = this.#new.get(name);
    if (found) {
      found.type = commonType(found.type, type);
      return;
    }
    this.#new.set(name, { type, file, line });
    this.#taken.add(caseless(name));
    if (Object.keys(this.schema).length + this.#new.size <= maxColumns) return;
    throw new BirdsongError(
      `${JSON.stringify(file)}, line ${line}: with ${JSON.stringify(name)} there would be ` +
        `more than ${maxColumns} columns. Where names are data, use schemaEvolutionMode "rescue", which keeps ` +
        "them in _rescued_data.",
      { context: { file, line, column: name } },
    );
  }
}

/** SQL's names are the same in upper and lower case. */
export function caseless(name: string): string {
  return name.toLowerCase();
}

function typeOf(value: unknown): string | undefined {
  if (typeof value === "string") return "VARCHAR";
  if (typeof value === "boolean") return "BOOLEAN";
  if (value instanceof ExactNumber) return /^-?\d+$/.test(value.digits) ? "BIGINT" : "DOUBLE";
  if (typeof value === "number") return Number.isSafeInteger(value) ? "BIGINT" : "DOUBLE";
}

function commonType(left: string, right: string): string {
  if (left === right) return left;
  const numbers = [left, right].every((type) => type === "BIGINT" || type === "DOUBLE");
  return numbers ? "DOUBLE" : "VARCHAR";
}
