import { BirdsongError } from "../errors.ts";
import type { Connection } from "../lakehouse/connection.ts";

/**
 * What becomes of a row that does not meet an expectation, in the words of declarative pipelines:
 *
 * - `warn`: it is written, and counted,
 * - `drop`: it is not written, and counted,
 * - `fail`: the stream ends with an error, and nothing of the batch is written.
 */
export type ExpectationAction = "warn" | "drop" | "fail";

/** A rule for the rows that a stream writes. */
export interface Expectation {
  /** A condition in SQL. A row for which it is NULL does not meet it. */
  expect: string;
  action: ExpectationAction;
}

/** How many of a batch's rows met an expectation. */
export interface ExpectationResult {
  name: string;
  action: ExpectationAction;
  passedRecords: number;
  failedRecords: number;
}

/** How many rows of all these batches met each expectation, by name. */
export function expectationTotals(
  batches: readonly { expectations: readonly ExpectationResult[] }[],
): ExpectationResult[] {
  const totals = new Map<string, ExpectationResult>();
  for (const result of batches.flatMap(({ expectations }) => expectations)) {
    const { name, action, passedRecords, failedRecords } = result;
    const total = totals.get(name);
    totals.set(name, {
      name,
      action,
      passedRecords: passedRecords + (total?.passedRecords ?? 0),
      failedRecords: failedRecords + (total?.failedRecords ?? 0),
    });
  }
  return [...totals.values()].sort((left, right) => left.name < right.name ? -1 : 1);
}

/** What a batch's expectations came to. */
export interface CheckedExpectations {
  results: ExpectationResult[];
  /** Rows that were dropped, each once, however many expectations it did not meet. */
  droppedRecords: number;
}

// Of the row that an error shows.
const maxTextLength = 40;

/**
 * Checks a batch's result against its expectations, each on all of its rows, and drops the rows that
 * are to be dropped.
 *
 * @param staged Temporary table with the result, for use in SQL as it is.
 * @throws {BirdsongError} when a row does not meet an expectation whose action is `fail`.
 */
export async function checkExpectations(
  connection: Connection,
  staged: string,
  expectations: Readonly<Record<string, Expectation>>,
): Promise<CheckedExpectations> {
  const rules = Object.entries(expectations);
  if (rules.length === 0) return { results: [], droppedRecords: 0 };
  const counts = rules.map(([, { expect }], index) =>
    `count(*) FILTER ((${expect}) IS NOT TRUE) AS failed_${index}`
  );
  const row = await connection.row(
    `SELECT ${["count(*) AS total", ...counts].join(", ")} FROM ${staged}`,
  );
  const results = rules.map(([name, { action }], index) => {
    const failedRecords: number = row![`failed_${index}`];
    return { name, action, passedRecords: row!.total - failedRecords, failedRecords };
  });
  for (const { name, action, failedRecords } of results) {
    if (action !== "fail" || failedRecords === 0) continue;
    throw await failure(connection, staged, name, expectations[name].expect, failedRecords);
  }
  const drops = rules.filter(([, { action }]) => action === "drop");
  if (drops.length === 0) return { results, droppedRecords: 0 };
  const unmet = drops.map(([, { expect }]) => `(${expect}) IS NOT TRUE`).join(" OR ");
  return { results, droppedRecords: await connection.run(`DELETE FROM ${staged} WHERE ${unmet}`) };
}

/** Keeps a batch's results in the checkpoint, within its transaction. */
export async function recordExpectations(
  connection: Connection,
  queryName: string,
  batchId: number,
  results: readonly ExpectationResult[],
): Promise<void> {
  for (const { name, action, passedRecords, failedRecords } of results) {
    await connection.run(
      `INSERT INTO lake.checkpoint.expectations (query, batch_id, name, action, passed, failed)
       VALUES ($queryName, $batchId, $name, $action, $passedRecords, $failedRecords)`,
      { queryName, batchId, name, action, passedRecords, failedRecords },
    );
  }
}

async function failure(
  connection: Connection,
  staged: string,
  name: string,
  expect: string,
  failedRecords: number,
): Promise<BirdsongError> {
  const row = await connection.row(`FROM ${staged} WHERE (${expect}) IS NOT TRUE LIMIT 1`);
  const example = JSON.stringify(row, (_name, value) => {
    if (typeof value === "bigint") return value.toString();
    const tooLong = typeof value === "string" && value.length > maxTextLength;
    return tooLong ? `${value.slice(0, maxTextLength)}...` : value;
  });
  return new BirdsongError(
    `${failedRecords === 1 ? "1 row does" : `${failedRecords} rows do`} not meet the expectation ` +
      `"${name}" (${expect}), such as ${example}. ` +
      "Nothing of the batch has been written: mend the input, or give the expectation another action.",
    { context: { expectation: name, failedRecords } },
  );
}
