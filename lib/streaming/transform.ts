import { BirdsongError } from "../errors.ts";
import type { Expectation } from "./expectations.ts";
import type { Connection } from "../lakehouse/connection.ts";
import type { Schema } from "../lakehouse/sql_text.ts";

/**
 * A batch of rows on its way from source to sink. In SQL on its connection, a table of another schema
 * of the lake is called `lake.<schema>.<table>`: names are looked for in `system.main` and `lake.main`.
 */
export interface MicroBatch {
  id: number;
  /** The temporary relation that holds the batch's rows; use it in SQL as it is. */
  relation: string;
  numInputRows: number;
  /** The query's connection: temporary tables made on it live as long as the query. */
  connection: Connection;
  /** Aborted when the query is asked to stop. */
  signal: AbortSignal;
}

/** A transform's SQL for Spark, where it is not the SQL for DuckDB. */
export interface SparkBatch {
  /** The relation that holds the rows; use it in SQL as it is. */
  relation: string;
  /**
   * The command of a scorer that runs on the executors, as a SQL literal for `TRANSFORM ... USING`:
   * it takes lines `<anything>\t{"text":...}` and gives lines `<anything>\t<label>\t<score>\t<error>`.
   *
   * @param folder The model's, which the executors have at the same path.
   */
  scoreCommand(folder: string): string;
}

/** What a stream does to its rows. It knows nothing of triggers, offsets or commits. */
export interface Transform {
  /** Columns of the result, in order. */
  schema: Schema;
  /**
   * The columns of the source's table that the transform reads; others are not loaded. All, where it
   * does not say.
   */
  reads?: readonly string[];
  /**
   * Rows that the transform leaves out, as a condition by name. They are counted in the progress
   * record; the transform does not see them.
   */
  setAside?: Readonly<Record<string, string>>;
  /** Figures of the result for the progress record, as an aggregate expression by name. */
  observe?: Readonly<Record<string, string>>;
  /**
   * Rules for the rows of the result, by name: what is written although it does not meet one, what is
   * not, and what ends the stream. All are counted in the progress record.
   */
  expectations?: Readonly<Record<string, Expectation>>;
  /** SQL of the result: a query over `batch.relation`. */
  apply(batch: MicroBatch): string | Promise<string>;
  /** The same in Spark's SQL. Without it, the transform has nothing to say to Spark. */
  spark?(batch: SparkBatch): string;
  /**
   * The same transform, whose result has these columns of the batch too. Only a transform that can
   * do so can follow a source that adds columns (schemaEvolutionMode `addNewColumns`).
   */
  withColumns?(added: Schema): Transform;
}

/** SQL of the condition that holds for the rows that are not set aside; undefined where all are kept. */
export function keptCondition({ setAside = {} }: Transform): string | undefined {
  const kept = Object.values(setAside).map((condition) => `(${condition}) IS NOT TRUE`);
  return kept.length > 0 ? kept.join(" AND ") : undefined;
}

/**
 * The transform for a source as it is now.
 *
 * @param added The columns that it has added; undefined for a source that adds none.
 * @throws {BirdsongError} where the transform would drop such columns.
 */
export function withAddedColumns(transform: Transform, added: Schema | undefined): Transform {
  if (!added) return transform;
  if (transform.withColumns) return transform.withColumns(added);
  throw new BirdsongError(
    'schemaEvolutionMode "addNewColumns" needs a transform that takes new columns on: give it ' +
      "withColumns(added), or choose another mode.",
  );
}
