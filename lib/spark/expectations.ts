import type {
  Expectation,
  ExpectationAction,
  ExpectationResult,
} from "../streaming/expectations.ts";
import type { Transform } from "../streaming/transform.ts";
import { sparkIdentifier, sparkLiteral } from "./sql.ts";

// Characters of the row that an error shows.
const maxRowLength = 300;

/** Aggregates over a transform's result, before rows are dropped. */
export function checkedMetrics({ expectations = {} }: Transform): Record<string, string> {
  const unmet = Object.entries(expectations)
    .map(([name, { expect }]) => [unmetName(name), `count_if((${expect}) IS NOT TRUE)`]);
  const dropped = rules(expectations, "drop").map(([, { expect }]) => `(${expect}) IS NOT TRUE`);
  return {
    checkedRows: "count(*)",
    ...Object.fromEntries(unmet),
    ...(dropped.length > 0 ? { droppedRecords: `count_if(${dropped.join(" OR ")})` } : {}),
  };
}

/**
 * SQL of the condition that holds for the rows to write; undefined where all are. A row that must not
 * be there raises an error, which fails Spark's task and ends the query: nothing of the batch is
 * written.
 */
export function metCondition({ expectations = {}, schema }: Transform): string | undefined {
  const row = `struct(${Object.keys(schema).map(sparkIdentifier).join(", ")})`;
  const fails = rules(expectations, "fail").map(([name, { expect }]) => {
    const message = [
      sparkLiteral(`a row does not meet the expectation "${name}" (${expect}), `),
      `left(to_json(${row}), ${maxRowLength})`,
      sparkLiteral(
        ". Nothing of the batch has been written: mend the input, or give the expectation another " +
          "action.",
      ),
    ];
    const error = `raise_error(concat(${message.join(", ")}))`;
    return `CASE WHEN (${expect}) IS TRUE THEN true ELSE ${error} END`;
  });
  // A row is looked at for its errors before it is dropped, as on the embedded engine.
  const drops = rules(expectations, "drop").map(([, { expect }]) => `(${expect}) IS TRUE`);
  const conditions = [...fails, ...drops];
  return conditions.length > 0 ? conditions.join(" AND ") : undefined;
}

/** How many rows met each expectation, of what was observed. */
export function expectationResults(
  { expectations = {} }: Transform,
  checked: Readonly<Record<string, number>>,
): ExpectationResult[] {
  return Object.entries(expectations).map(([name, { action }]) => {
    const failedRecords = checked[unmetName(name)] ?? 0;
    const passedRecords = (checked.checkedRows ?? 0) - failedRecords;
    return { name, action, passedRecords, failedRecords };
  });
}

/** The metric that counts the rows that do not meet an expectation. */
export function unmetName(expectation: string): string {
  return `not: ${expectation}`;
}

function rules(
  expectations: Readonly<Record<string, Expectation>>,
  action: ExpectationAction,
): [string, Expectation][] {
  return Object.entries(expectations).filter(([, rule]) => rule.action === action);
}
