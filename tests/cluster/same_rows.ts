import assert from "node:assert/strict";
import type { Row } from "../../lib/lakehouse/row.ts";
import type { EngineSession } from "../../lib/streaming/engine.ts";
import { tiers } from "../../lib/tweets/pipeline.ts";

const scoreTolerance = 1e-4;

/** Checks that every tier holds the same rows on both engines, as a multiset. */
export async function sameRows(embedded: EngineSession, spark: EngineSession): Promise<void> {
  for (const tier of tiers) {
    const [expected, found] = [await embedded.table(tier), await spark.table(tier)];
    assert(expected.length > 0);
    compareRows(tier, expected, found);
  }
}

function compareRows(tier: string, expected: Row[], found: Row[]): void {
  const [left, right] = [expected, found].map((rows) => rows.map(comparable).sort(byKey));
  assert.deepEqual(right.map(({ key }) => key), left.map(({ key }) => key), tier);
  for (const [index, { score }] of left.entries()) {
    const difference = Math.abs((score ?? 0) - (right[index].score ?? 0));
    assert(difference <= scoreTolerance, `${tier}: scores differ by ${difference}`);
  }
}

/** A row without what differs from run to run, as a text, and its score apart. */
function comparable(row: Row): { key: string; score: number | undefined } {
  const { processing_time: _, predicted_score: score, ...rest } = row;
  const columns = Object.entries(rest).sort(([left], [right]) => left < right ? -1 : 1);
  return { key: JSON.stringify(columns), score };
}

function byKey(left: { key: string }, right: { key: string }): number {
  return left.key < right.key ? -1 : left.key > right.key ? 1 : 0;
}
