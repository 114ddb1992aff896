import { Session } from "../../lib/streaming/session.ts";
import type { Input, InputRow } from "./input.ts";
import { type Stage, stages, startStage } from "./stream.ts";

/** What tables hold, against what they should. */
export interface Comparison {
  /** Rows that should be there: those of the input, once in every table. */
  expected: number;
  /** Ids of rows that are not there; one entry per table and copy. */
  lost: string[];
  /** Ids of rows that should not be there: second copies, and rows that are not as they were. */
  doubled: string[];
  /** Rows of all batches that were committed, by the progress records. */
  batchRows: number[];
  /** What else is wrong, as sentences. */
  faults: string[];
}

/** What a payload looks like in a stage's table: every stage on the way leaves its mark. */
const marks: Record<Stage, string> = { a: ">a", b: ">a>b", c: ">a>b>c", late: ">a>late" };

/** Compares the tables of all stages with the input. */
export async function compareChain(
  folder: string,
  source: string,
  input: Input,
): Promise<Comparison> {
  const session = await Session.open(folder);
  try {
    const parts: Comparison[] = [];
    for (const stage of stages) parts.push(await compareStage(session, stage, source, input.rows));
    return {
      expected: parts.reduce((sum, { expected }) => sum + expected, 0),
      lost: parts.flatMap(({ lost }) => lost),
      doubled: parts.flatMap(({ doubled }) => doubled),
      batchRows: parts.flatMap(({ batchRows }) => batchRows),
      faults: parts.flatMap(({ faults }) => faults),
    };
  } finally {
    await session.close();
  }
}

/**
 * Compares one stage's table: every row of the input must be there exactly once, batches must be
 * numbered without a gap and account for all rows, and a further run must find nothing to do.
 */
export async function compareStage(
  session: Session,
  stage: Stage,
  source: string,
  input: readonly InputRow[],
): Promise<Comparison> {
  const separator = "\t";
  const found = await session.sql(`SELECT id || chr(9) || payload AS row FROM ${stage}`);
  const { lost, added } = difference(
    input.map(({ id, payload }) => `${id}${separator}${payload}${marks[stage]}`),
    found.map(({ row }) => row),
  );
  const idOf = (row: string) => row.split(separator)[0];
  const batches = await session.sql(
    `SELECT batch_id, (record ->> 'numInputRows')::INTEGER AS rows,
       (record -> 'sink' ->> 'numOutputRows')::INTEGER AS written
     FROM checkpoint.progress WHERE query = '${stage}_stream' ORDER BY batch_id`,
  );
  const [state] = await session.sql(
    `SELECT batch_id FROM checkpoint.queries WHERE name = '${stage}_stream'`,
  );
  const faults: string[] = [];
  const ids = batches.map(({ batch_id }) => batch_id);
  if (ids.length !== state.batch_id + 1 || ids.some((id, index) => id !== index)) {
    faults.push(`${stage}: after batch ${state.batch_id}, there are records of ${ids.join()}`);
  }
  for (const column of ["rows", "written"]) {
    const sum = batches.reduce((sum, batch) => sum + batch[column], 0);
    if (sum !== input.length) faults.push(`${stage}: progress records count ${sum} ${column}`);
  }
  if (stage === "a") {
    const twice = await session.sql(
      "SELECT path FROM checkpoint.files GROUP BY path HAVING count(*) > 1",
    );
    if (twice.length > 0) faults.push(`a: taken twice: ${twice.map(({ path }) => path).join()}`);
  }
  const query = await startStage(
    session,
    { stage, source, maxRowsPerTrigger: 1000 },
    { availableNow: true },
  );
  await query.awaitTermination();
  if (query.lastProgress) faults.push(`${stage}: a further run has taken something`);
  return {
    expected: input.length,
    lost: lost.map(idOf),
    doubled: added.map(idOf),
    batchRows: batches.map(({ rows }) => rows),
    faults,
  };
}

/** What two multisets do not share; a row as often as it is missing or too many. */
export function difference(
  expected: string[],
  found: string[],
): { lost: string[]; added: string[] } {
  const counts = new Map<string, number>();
  for (const row of expected) counts.set(row, (counts.get(row) ?? 0) + 1);
  for (const row of found) counts.set(row, (counts.get(row) ?? 0) - 1);
  const rows = [...counts].sort();
  const times = (sign: number) =>
    rows.flatMap(([row, count]) => Array<string>(Math.max(0, sign * count)).fill(row));
  return { lost: times(1), added: times(-1) };
}
