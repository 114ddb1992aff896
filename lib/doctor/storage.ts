import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { Lakehouse } from "../lakehouse/lakehouse.ts";
import { optimize, type Storage } from "../lakehouse/optimize.ts";
import { profileQuery, profileStatement } from "../lakehouse/profile.ts";
import { literal } from "../lakehouse/sql_text.ts";
import { tiers } from "../tweets/pipeline.ts";
import type { Laboratory } from "./laboratory.ts";
import { median } from "../median.ts";

/** A table's files, and the median time to read all of its rows. */
export interface Layout extends Storage {
  seconds: number;
}

/** What {@linkcode optimize} makes of a table's files. */
export interface OptimizedTable {
  table: string;
  before: Layout;
  after: Layout;
}

/** Gold's rows in one Parquet file. */
export interface ParquetChoice {
  compression: "uncompressed" | "snappy" | "zstd";
  rowGroupSize: number;
  bytes: number;
  writeSeconds: number;
  readSeconds: number;
}

/** In what files the tables stand. */
export interface StorageMeasurement {
  /** The lake's own files, of all tables, the streams' state included. */
  tables: ({ table: string } & Storage)[];
  /** The tiers rebuilt with as many files of as many rows, before and after. */
  optimized: OptimizedTable[];
  /** Gold in many small files, on purpose, before and after. */
  worse: OptimizedTable;
  parquet: ParquetChoice[];
}

/** Files into which gold is torn on purpose. */
const smallFiles = 100;
/** Files that are rebuilt of a table at most. */
const mostFiles = 100;
const readings = 3;
/** DuckDB's default, and as small as it goes. */
const rowGroups = { default: 122_880, least: 2_048 };

/** Measures files, and what `optimize` and other Parquet files would make of them, on a copy. */
export async function measureStorage(lab: Laboratory): Promise<StorageMeasurement> {
  const { tables } = lab.facts;
  const optimized = await rebuild(lab, "rebuilt", async (lake) => {
    for (const tier of tiers) {
      const { fileRows } = tables.find(({ table }) => table === tier)!;
      await fill(lake, lab, tier, fileRows.slice(0, mostFiles));
    }
  });
  const [worse] = await rebuild(lab, "torn", async (lake) => {
    const rows = await lab.experiment(
      {},
      async (connection) =>
        (await connection.row(`SELECT count(*) AS n FROM ${lab.relation("gold")}`))!.n,
    );
    await fill(lake, lab, "gold", Array(smallFiles).fill(Math.ceil(rows / smallFiles)));
  });
  return {
    tables: tables.map(({ table, files, bytes }) => ({ table, files, bytes })),
    optimized,
    worse,
    parquet: await parquetChoices(lab),
  };
}

/** Fills a lake of its own, and optimizes it. */
async function rebuild(
  lab: Laboratory,
  name: string,
  fillLake: (lake: Lakehouse) => Promise<void>,
): Promise<OptimizedTable[]> {
  const folder = join(lab.folder, name);
  // Nothing of the user's settings: the experiment stays on this machine.
  const lake = await Lakehouse.open(folder, { catalog: null, storage: null });
  try {
    // Small inserts become files, too: they stand for files.
    await lake.sql("CALL lake.set_option('data_inlining_row_limit', 0)");
    await fillLake(lake);
    const read = async (table: string): Promise<number> => {
      const seconds: number[] = [];
      for (let reading = 0; reading < readings; reading++) {
        seconds.push((await profileQuery(lake, `SELECT max(columns(*)) FROM ${table}`)).seconds);
      }
      return median(seconds);
    };
    const filled: string[] = [];
    for (const tier of tiers) if (await lake.tableExists(tier)) filled.push(tier);
    const result: OptimizedTable[] = [];
    for (const table of filled) {
      const seconds = await read(table);
      const [{ before, after }] = await optimize(lake, table);
      result.push({
        table,
        before: { ...before, seconds },
        after: { ...after, seconds: await read(table) },
      });
    }
    return result;
  } finally {
    lake.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Inserts a copy's rows into a new table, as many a time as the list says: each makes a file. */
async function fill(
  lake: Lakehouse,
  lab: Laboratory,
  table: typeof tiers[number],
  fileRows: number[],
): Promise<void> {
  const rows = lab.numbered(table);
  const info = { author: "doctor", message: `copy ${table}` };
  await lake.transaction(info, async (connection) => {
    await connection.run(`CREATE TABLE ${table} AS FROM ${lab.relation(table)} LIMIT 0`);
    let first = 0;
    for (const count of fileRows) {
      await connection.run(
        `INSERT INTO ${table} SELECT * EXCLUDE (file_row_number) FROM ${rows}
         WHERE file_row_number >= ${first} AND file_row_number < ${first + count}`,
      );
      first += count;
    }
  });
}

function parquetChoices(lab: Laboratory): Promise<ParquetChoice[]> {
  const choices: [ParquetChoice["compression"], number][] = [
    ["uncompressed", rowGroups.default],
    ["snappy", rowGroups.default],
    ["zstd", rowGroups.default],
    ["snappy", rowGroups.least],
    ["zstd", rowGroups.least],
  ];
  return lab.experiment({}, async (connection) => {
    const file = join(lab.folder, "choice.parquet");
    const result: ParquetChoice[] = [];
    for (const [compression, rowGroupSize] of choices) {
      const written = await profileStatement(
        connection,
        `COPY (FROM ${lab.relation("gold")}) TO ${literal(file)}
         (FORMAT parquet, COMPRESSION ${compression}, ROW_GROUP_SIZE ${rowGroupSize})`,
      );
      const read: number[] = [];
      for (let reading = 0; reading < readings; reading++) {
        const query = `SELECT max(columns(*)) FROM read_parquet(${literal(file)})`;
        read.push((await profileStatement(connection, query)).seconds);
      }
      result.push({
        compression,
        rowGroupSize,
        bytes: statSync(file).size,
        writeSeconds: written.seconds,
        readSeconds: median(read),
      });
    }
    return result;
  });
}
