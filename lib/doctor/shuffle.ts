import { availableParallelism } from "node:os";
import { serialize } from "node:v8";
import { profileStatement } from "../lakehouse/profile.ts";
import { labels } from "../sentiment/sentiment.ts";
import type { Laboratory } from "./laboratory.ts";

/** What crosses a border between DuckDB, TypeScript and worker threads, for one tweet's row. */
export interface Crossing {
  what: string;
  bytes: number;
}

/** A group-by with so many threads. */
export interface ThreadStep {
  threads: number;
  seconds: number;
  /** Groups that all threads have after grouping their own part of gold: what they exchange. */
  exchanged: number;
}

/** What has to travel before it can be worked on. */
export interface ShuffleMeasurement {
  /** Rows of gold with a mention: what would travel if each row did. */
  rows: number;
  /** People: what is left when all is grouped. */
  groups: number;
  /** Groups that the application stream has merged into its table, over all batches. */
  merged: number;
  /** Rows of gold that one of its batches has taken, on average. */
  batchRows: number;
  /** Bytes per row of gold: all of it, its text alone, distinct texts alone, and what comes back. */
  crossings: { rows: Crossing; texts: Crossing; distinct: Crossing; back: Crossing };
  /** Rows of the experiment with threads. */
  experimentRows: number;
  threads: ThreadStep[];
}

const rowsWanted = 1_000_000;
const rowsSerialized = 2_000;
const mostThreads = 16;

/** Measures the bytes that cross borders, and what threads exchange to group rows. */
export async function measureShuffle(lab: Laboratory): Promise<ShuffleMeasurement> {
  const { rows, groups } = await lab.experiment({}, async (connection) =>
    (await connection.row(
      `SELECT count(*) AS rows, count(DISTINCT mention) AS groups FROM ${lab.relation("mentions")}`,
    ))! as { rows: number; groups: number });
  const merges = lab.facts.batches.filter(({ stream }) => stream === "application_stream");
  return {
    rows,
    groups,
    merged: merges.reduce((sum, { outputRows }) => sum + outputRows, 0),
    batchRows: merges.reduce((sum, { inputRows }) => sum + inputRows, 0) /
      Math.max(1, merges.length),
    crossings: await measureCrossings(lab),
    ...await groupOnThreads(lab),
  };
}

/** Sizes as `postMessage` packs values, which is also near what JavaScript makes of DuckDB's. */
function measureCrossings(lab: Laboratory): Promise<ShuffleMeasurement["crossings"]> {
  return lab.experiment({}, async (connection) => {
    const gold = lab.relation("gold");
    const rows = await connection.rows(`FROM ${gold} LIMIT ${rowsSerialized}`);
    const texts = rows.map(({ cleaned_text }) => cleaned_text);
    // Of all rows: few of the first ones repeat a text.
    const { share } = (await connection.row(
      `SELECT count(DISTINCT cleaned_text) / count(*) AS share FROM ${gold}`,
    ))!;
    const text = serialize(texts).byteLength / rows.length;
    return {
      rows: { what: "whole rows", bytes: serialize(rows).byteLength / rows.length },
      texts: { what: "the text of every row", bytes: text },
      distinct: { what: "distinct texts, to the workers", bytes: text * share },
      back: {
        what: "probabilities, back",
        bytes: labels.length * Float64Array.BYTES_PER_ELEMENT * share,
      },
    };
  });
}

function groupOnThreads(
  lab: Laboratory,
): Promise<Pick<ShuffleMeasurement, "experimentRows" | "threads">> {
  return lab.experiment({}, async (connection) => {
    const [gold, mentions] = [lab.relation("gold"), lab.relation("mentions")];
    const { n } = (await connection.row(`SELECT count(*) AS n FROM ${gold}`))!;
    const copies = Math.max(1, Math.ceil(rowsWanted / n));
    await connection.run(
      `CREATE TEMP TABLE many AS SELECT mention, "timestamp" FROM ${gold}, range(${copies})`,
    );
    const steps: ThreadStep[] = [];
    const most = Math.min(mostThreads, 2 * availableParallelism());
    for (let threads = 1; threads <= most; threads *= 2) {
      await connection.run(`SET threads = ${threads}`);
      const { seconds } = await profileStatement(
        connection,
        `SELECT mention, count(*), min("timestamp"), max("timestamp") FROM temp.many GROUP BY mention`,
      );
      const { exchanged } = (await connection.row(
        `SELECT count(*) AS exchanged FROM (
           SELECT DISTINCT mention, row * ${threads} // (count(*) OVER ()) AS part
           FROM (SELECT mention, row_number() OVER () - 1 AS row FROM ${mentions}))`,
      ))!;
      steps.push({ threads, seconds, exchanged });
    }
    return { experimentRows: n * copies, threads: steps };
  });
}
