import type { Transform } from "../streaming/transform.ts";
import type { RelationInit } from "./client/plans.ts";
import { unmetName } from "./expectations.ts";
import type { SparkSource } from "./stream_reader.ts";
import { sparkIdentifier } from "./sql.ts";

/** What a query observes of its batches, by the names that Spark's progress shows. */
export const observations = {
  input: "birdsong_input",
  checked: "birdsong_checked",
  output: "birdsong_output",
} as const;

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
export function outputMetrics({ observe }: Transform): Record<string, string> {
  return { numOutputRows: "count(*)", ...observe };
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

/** What was observed, without what the progress record shows elsewhere. */
export function shownMetrics(
  transform: Transform,
  observed: Readonly<Record<string, number | string>>,
): Record<string, number | string> {
  const hidden = new Set(["numInputRows", "checkedRows", "numOutputRows"]);
  for (const name of Object.keys(transform.expectations ?? {})) hidden.add(unmetName(name));
  return Object.fromEntries(Object.entries(observed).filter(([name]) => !hidden.has(name)));
}
