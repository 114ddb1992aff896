import { messageOf } from "../errors.ts";
import type { Connection } from "../lakehouse/connection.ts";
import { profileStatement } from "../lakehouse/profile.ts";
import type { MicroBatch } from "../streaming/transform.ts";
import { application } from "../tweets/application.ts";
import type { Laboratory } from "./laboratory.ts";

/** The experiment's query with one memory limit. */
export interface SpillStep {
  memoryLimitBytes: number;
  /** In how many parts the rows were grouped, one after the other. */
  parts: number;
  /** Most bytes in temporary files at a time. */
  spillBytes: number;
  seconds: number;
  /** Whether the query failed, because not even its temporary files helped. */
  outOfMemory: boolean;
}

/** What does not fit into memory. */
export interface SpillMeasurement {
  /** DuckDB's `memory_limit` for the lake. */
  memoryLimitBytes: number;
  /** Rows of the largest batch that a stream has taken from a table. */
  largestBatchRows: number;
  /** Memory that a row takes while the application stream groups its batch. */
  bytesPerRow: number;
  /** What a table as small as this one needs to spill at all. */
  experiment: {
    rows: number;
    /** How often each row of gold was taken to have so many. */
    copies: number;
    /** Less memory, step by step, until the query fails. */
    worse: SpillStep[];
    /** The least of these limits again, with the rows in more and more parts. */
    better: SpillStep[];
  };
}

/** The experiment's rows take about so many bytes in memory. */
const bytesWanted = 60e6;
const bytesBesideText = 120;
const limits = [1, 0.7, 0.5, 0.35, 0.25, 0.15, 0.1];
const mostParts = 32;

/** A machine with more threads needs more memory for the same rows; so, all take two. */
const threads = 2;

/** Measures how near a batch comes to the memory limit, and what happens beyond it. */
export async function measureSpill(lab: Laboratory): Promise<SpillMeasurement> {
  const { memoryLimitBytes, batches } = lab.facts;
  const fromTables = batches.filter(({ stream }) => stream !== "bronze_stream");
  return {
    memoryLimitBytes,
    // One by one: a stream makes more batches in days than a call takes arguments.
    largestBatchRows: fromTables.reduce((most, { inputRows }) => Math.max(most, inputRows), 0),
    bytesPerRow: await batchBytesPerRow(lab),
    experiment: await spillExperiment(lab),
  };
}

/** Stages gold's rows and groups them, as the application stream does with a batch. */
function batchBytesPerRow(lab: Laboratory): Promise<number> {
  return lab.experiment({ threads }, async (connection) => {
    await connection.run(`CREATE TEMP TABLE batch AS FROM ${lab.relation("gold")}`);
    const rows = (await connection.row("SELECT count(*) AS n FROM temp.batch"))!.n;
    const query = await application.apply({ relation: "temp.batch" } as MicroBatch);
    return (await profileStatement(connection, query)).peakMemoryBytes / rows;
  });
}

async function spillExperiment(lab: Laboratory): Promise<SpillMeasurement["experiment"]> {
  const { rows, copies, bytes } = await lab.experiment({ threads }, async (connection) => {
    const { n, text } = (await connection.row(
      `SELECT count(*) AS n, sum(strlen(cleaned_text))::DOUBLE AS text
       FROM ${lab.relation("gold")}`,
    ))!;
    const copies = Math.max(1, Math.round(bytesWanted / (text + n * bytesBesideText)));
    const query = groupTexts(lab, copies);
    const { peakMemoryBytes } = await profileStatement(connection, query(1, 0));
    return { rows: n * copies, copies, bytes: peakMemoryBytes };
  });
  const query = groupTexts(lab, copies);
  const worse: SpillStep[] = [];
  for (const share of limits) {
    worse.push(await groupWithin(lab, share * bytes, 1, query));
    if (worse.at(-1)!.outOfMemory) break;
  }
  const better: SpillStep[] = [];
  for (let parts = 2; parts <= mostParts; parts *= 2) {
    const step = await groupWithin(lab, worse.at(-1)!.memoryLimitBytes, parts, query);
    better.push(step);
    if (!step.outOfMemory && step.spillBytes === 0) break;
  }
  return { rows, copies, worse, better };
}

/** The query of one part: every text of every copy is a group, so that all must be in memory. */
function groupTexts(lab: Laboratory, copies: number): (parts: number, part: number) => string {
  return (parts, part) =>
    `SELECT cleaned_text, copy, count(*), min("timestamp")
     FROM ${lab.relation("gold")}, range(${copies}) AS copies(copy)
     WHERE hash(cleaned_text, copy) % ${parts} = ${part} GROUP BY ALL`;
}

async function groupWithin(
  lab: Laboratory,
  memoryLimitBytes: number,
  parts: number,
  query: ReturnType<typeof groupTexts>,
): Promise<SpillStep> {
  const step = { memoryLimitBytes, parts, spillBytes: 0, seconds: 0, outOfMemory: false };
  const run = async (connection: Connection): Promise<void> => {
    for (let part = 0; part < parts; part++) {
      const { spillBytes, seconds } = await profileStatement(connection, query(parts, part));
      step.spillBytes = Math.max(step.spillBytes, spillBytes);
      step.seconds += seconds;
    }
  };
  try {
    await lab.experiment({ memoryLimitBytes, threads }, run);
  } catch (error) {
    if (!messageOf(error).startsWith("Out of Memory Error")) throw error;
    step.outOfMemory = true;
  }
  return step;
}
