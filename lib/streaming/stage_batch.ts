import type { Connection } from "../lakehouse/connection.ts";
import { identifier } from "../lakehouse/sql_text.ts";
import { checkExpectations, type ExpectationResult } from "./expectations.ts";
import type { LoadedBatch } from "./sources/source.ts";
import { keptCondition, type MicroBatch, type Transform } from "./transform.ts";

/** A batch's result, not yet committed. */
export interface StagedBatch {
  /** Temporary table with the rows to write, for use in SQL as it is. */
  staged: string;
  /** Figures for the progress record. */
  observed: Record<string, number | string>;
  /** How many of the result's rows met each expectation. */
  expectations: ExpectationResult[];
}

/**
 * Computes a batch's result into a temporary table, before the transaction begins: however long that
 * takes, the catalog is not locked.
 *
 * @throws {Error} when the result has not the columns that the transform declares, or a row that
 *   must not be there.
 */
export async function stageBatch(
  transform: Transform,
  batch: MicroBatch,
  loaded: LoadedBatch,
): Promise<StagedBatch> {
  const { connection, signal } = batch;
  const observed: StagedBatch["observed"] = { ...loaded.observed };
  const kept = await setAside(transform, batch, observed);
  const sql = await transform.apply({ ...batch, relation: kept });
  const staged = identifier(`${batch.relation}_result`);
  await connection.run(`CREATE OR REPLACE TEMP TABLE ${staged} AS ${sql}`);
  await checkColumns(connection, staged, transform);
  const { expectations = {} } = transform;
  const checked = await checkExpectations(connection, staged, expectations);
  if (Object.values(expectations).some(({ action }) => action === "drop")) {
    observed.droppedRecords = checked.droppedRecords;
  }
  await observe(connection, transform.observe ?? {}, staged, observed);
  signal.throwIfAborted();
  return { staged, observed, expectations: checked.results };
}

/** Leaves out the rows that the transform does not want, and counts them; the relation without them. */
async function setAside(
  transform: Transform,
  batch: MicroBatch,
  observed: StagedBatch["observed"],
): Promise<string> {
  const { connection } = batch;
  const relation = identifier(batch.relation);
  const conditions = Object.entries(transform.setAside ?? {});
  if (conditions.length === 0) return relation;
  const counts = conditions.map(([name, condition]) =>
    [name, `count(*) FILTER (WHERE ${condition})`] as const
  );
  await observe(connection, Object.fromEntries(counts), relation, observed);
  const kept = identifier(`${batch.relation}_kept`);
  await connection.run(
    `CREATE OR REPLACE TEMP VIEW ${kept} AS
     SELECT * FROM ${relation} WHERE ${keptCondition(transform)}`,
  );
  return kept;
}

async function observe(
  connection: Connection,
  aggregates: Readonly<Record<string, string>>,
  relation: string,
  observed: StagedBatch["observed"],
): Promise<void> {
  const figures = Object.entries(aggregates).map(([name, aggregate]) =>
    `${aggregate} AS ${identifier(name)}`
  );
  if (figures.length === 0) return;
  Object.assign(observed, await connection.row(`SELECT ${figures.join(", ")} FROM ${relation}`));
}

async function checkColumns(
  connection: Connection,
  staged: string,
  transform: Transform,
): Promise<void> {
  const declared = Object.keys(transform.schema).sort().join(", ");
  const found = (await connection.columns(`FROM ${staged}`)).sort().join(", ");
  if (declared === found) return;
  throw new Error(`the transform declares the columns ${declared}, but its result has ${found}`);
}
