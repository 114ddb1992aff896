import type { ExpectationResult } from "../streaming/expectations.ts";
import type { Transform } from "../streaming/transform.ts";
import type { RelationInit } from "./client/plans.ts";
import type { SparkSource } from "./stream_reader.ts";
import { sparkIdentifier } from "./sql.ts";

/** What a query observes of its batches, by the names that Spark's progress shows. */
export const observations = { input: "birdsong_input", output: "birdsong_output" } as const;

/** Aggregates over the rows that a batch has read. */
export function inputMetrics(
  source: Pick<SparkSource, "observe">,
  { setAside = {} }: Transform,
): Record<string, string> {
  const counts = Object.entries(setAside)
    .map(([name, condition]) => [name, `count_if(${condition})`]);
  return { numInputRows: "count(*)", ...source.observe, ...Object.fromEntries(counts) };
}

/** Aggregates over the rows that a batch writes. */
export function outputMetrics(transform: Transform): Record<string, string> {
  const unmet = Object.entries(transform.expectations ?? {})
    .map((
      [name, { expect }],
    ) => [unmetName(name), `count_if((${expect}) IS NOT TRUE)`]);
  return { numOutputRows: "count(*)", ...transform.observe, ...Object.fromEntries(unmet) };
}

/** A relation that observes its rows on their way: Spark's `observe`. */
export function observed(
  input: RelationInit,
  name: string,
  metrics: Readonly<Record<string, string>>,
): RelationInit {
  const expressions = Object.entries(metrics).map(([metric, aggregate]) => ({
    exprType: {
      case: "expressionString" as const,
      value: { expression: `${aggregate} AS ${sparkIdentifier(metric)}` },
    },
  }));
  return { relType: { case: "collectMetrics", value: { input, name, metrics: expressions } } };
}

/** How many rows met each expectation, of what was observed of the output. */
export function expectationResults(
  { expectations = {} }: Transform,
  output: Readonly<Record<string, number>>,
): ExpectationResult[] {
  return Object.entries(expectations).map(([name, { action }]) => {
    const failedRecords = output[unmetName(name)] ?? 0;
    return { name, action, passedRecords: output.numOutputRows - failedRecords, failedRecords };
  });
}

/** What was observed, without what the progress record shows elsewhere. */
export function shownMetrics(
  transform: Transform,
  input: Readonly<Record<string, number | string>>,
  output: Readonly<Record<string, number | string>>,
): Record<string, number | string> {
  const hidden = new Set(["numInputRows", "numOutputRows"]);
  for (const name of Object.keys(transform.expectations ?? {})) hidden.add(unmetName(name));
  return Object.fromEntries(
    Object.entries({ ...input, ...output }).filter(([name]) => !hidden.has(name)),
  );
}

function unmetName(expectation: string): string {
  return `not: ${expectation}`;
}
