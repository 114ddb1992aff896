import assert from "node:assert/strict";
import { Session } from "../../lib/streaming/session.ts";
import { stages } from "./chain.ts";
import type { InputRow } from "./input.ts";
import { type Stage, startStage } from "./stream.ts";

/** What a payload looks like in a stage's table: every stage on the way leaves its mark. */
const marks: Record<Stage, string> = { a: ">a", b: ">a>b", c: ">a>b>c", late: ">a>late" };

/**
 * Asserts that every table holds every row of the input exactly once, that batches are numbered
 * without a gap and account for all rows, and that a further run finds nothing to do.
 */
export async function verifyChain(
  folder: string,
  source: string,
  input: InputRow[],
): Promise<void> {
  const session = await Session.open(folder);
  try {
    for (const stage of stages) await verifyStage(session, stage, source, input);
    const [files] = await session.sql(
      "SELECT count(*) AS taken, count(DISTINCT path) AS distinct FROM checkpoint.files",
    );
    assert.equal(files.taken, files.distinct, "a file has been taken twice");
  } finally {
    await session.close();
  }
}

/** Asserts the same of one stage's table. */
export async function verifyStage(
  session: Session,
  stage: Stage,
  source: string,
  input: InputRow[],
): Promise<void> {
  const found = await session.sql(`SELECT id || chr(9) || payload AS row FROM ${stage}`);
  assert.deepEqual(
    difference(
      input.map(({ id, payload }) => `${id}\t${payload}${marks[stage]}`),
      found.map(({ row }) => row),
    ),
    { lost: [], added: [] },
    `${stage} does not hold the rows of the input`,
  );
  const batches = await session.sql(
    `SELECT batch_id, (record ->> 'numInputRows')::INTEGER AS rows,
       (record -> 'sink' ->> 'numOutputRows')::INTEGER AS written
     FROM checkpoint.progress WHERE query = '${stage}_stream' ORDER BY batch_id`,
  );
  const [state] = await session.sql(
    `SELECT batch_id FROM checkpoint.queries WHERE name = '${stage}_stream'`,
  );
  assert.deepEqual(
    batches.map(({ batch_id }) => batch_id),
    Array.from({ length: state.batch_id + 1 }, (_, id) => id),
    `${stage}: batches are missing or doubled`,
  );
  for (const column of ["rows", "written"]) {
    const sum = batches.reduce((sum, batch) => sum + batch[column], 0);
    assert.equal(sum, input.length, `${stage}: the progress records count other ${column}`);
  }
  const query = await startStage(session, stage, source, { availableNow: true });
  await query.awaitTermination();
  assert.equal(query.lastProgress, undefined, `${stage}: a further run has taken something`);
}

/** What two multisets do not share. */
export function difference(
  expected: string[],
  found: string[],
): { lost: string[]; added: string[] } {
  const counts = new Map<string, number>();
  for (const row of expected) counts.set(row, (counts.get(row) ?? 0) + 1);
  for (const row of found) counts.set(row, (counts.get(row) ?? 0) - 1);
  const rows = [...counts].sort();
  return {
    lost: rows.filter(([, count]) => count > 0).map(([row]) => row),
    added: rows.filter(([, count]) => count < 0).map(([row]) => row),
  };
}
