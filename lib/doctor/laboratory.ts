import { DuckDBInstance } from "@duckdb/node-api";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { BirdsongError, messageOf } from "../errors.ts";
import { Connection } from "../lakehouse/connection.ts";
import type { Lakehouse } from "../lakehouse/lakehouse.ts";
import { literal } from "../lakehouse/sql_text.ts";
import { tiers } from "../tweets/pipeline.ts";
import { type LakeFacts, lakeFacts } from "./lake_facts.ts";

/** What is copied of a table at most: its newest rows. */
const mostRows = 200_000;
const mostBytes = 256e6;

/** Texts that are looked at, at most. */
const mostTexts = 20_000;

/** Settings of a DuckDB for one experiment. */
export interface EngineOptions {
  memoryLimitBytes?: number;
  threads?: number;
}

/**
 * A copy of a lake's newest rows in a temporary folder, to make experiments on: the lake itself is
 * read once, in one transaction, and never written to. {@linkcode openLaboratory} makes one.
 */
export class Laboratory {
  /** Made by {@linkcode openLaboratory}. */
  constructor(
    readonly folder: string,
    readonly facts: LakeFacts,
    /** Removes the copy; the end of the process does so, too. */
    readonly close: () => void,
  ) {}

  /** The copy of a table, as a relation of SQL; `mentions` are those of all of gold's rows. */
  relation(table: typeof tiers[number] | "mentions"): string {
    return `read_parquet(${literal(parquetFile(this.folder, table))})`;
  }

  /** The same with the place of each row, from 0, as a column `file_row_number`. */
  numbered(table: typeof tiers[number] | "mentions"): string {
    return `read_parquet(${literal(parquetFile(this.folder, table))}, file_row_number = true)`;
  }

  /** Runs an experiment on a DuckDB of its own, whose memory and threads nobody else uses. */
  async experiment<T>(
    { memoryLimitBytes, threads }: EngineOptions,
    action: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    const instance = await DuckDBInstance.create(":memory:", {
      temp_directory: join(this.folder, "spill"),
      ...(memoryLimitBytes ? { memory_limit: `${Math.round(memoryLimitBytes)}B` } : {}),
      ...(threads ? { threads: String(threads) } : {}),
    });
    try {
      const connection = new Connection(await instance.connect());
      try {
        return await action(connection);
      } finally {
        connection.close();
      }
    } finally {
      instance.closeSync();
    }
  }

  /** The distinct texts of gold's newest rows, in the order of their arrival; none is empty. */
  texts(): Promise<string[]> {
    return this.experiment({}, async (connection) => {
      const rows = await connection.rows(
        `SELECT cleaned_text AS text FROM ${this.relation("gold")} WHERE cleaned_text <> ''`,
      );
      return [...new Set(rows.slice(-mostTexts).map(({ text }) => text as string))];
    });
  }
}

/**
 * Copies a lake's newest rows for experiments: at most 200,000 of each table.
 *
 * @throws {BirdsongError} when a table of the pipeline is missing, gold has no rows, or the folder for
 *   temporary files has no room.
 */
export async function openLaboratory(lake: Lakehouse): Promise<Laboratory> {
  const folder = mkdtempSync(join(tmpdir(), "birdsong-doctor-"));
  const close = (): void => {
    process.off("exit", close);
    rmSync(folder, { recursive: true, force: true });
  };
  process.on("exit", close);
  const connection = await lake.connect();
  try {
    // All that is read belongs to one version, also while streams write.
    await connection.run("BEGIN TRANSACTION");
    const facts = await lakeFacts(lake, connection);
    for (const tier of tiers) await copyTable(lake, connection, facts, tier, folder);
    await copy(
      connection,
      "SELECT mention FROM gold WHERE mention IS NOT NULL",
      folder,
      "mentions",
    );
    await connection.run("COMMIT");
    return new Laboratory(folder, facts, close);
  } catch (error) {
    close();
    throw await lake.explain(error) ?? error;
  } finally {
    connection.close();
  }
}

async function copyTable(
  lake: Lakehouse,
  connection: Connection,
  facts: LakeFacts,
  tier: typeof tiers[number],
  folder: string,
): Promise<void> {
  const found = facts.tables.find(({ table }) => table === tier);
  const { rows, newest } = found
    ? (await connection.row(`SELECT count(*) AS rows, max(rowid) AS newest FROM ${tier}`))!
    : { rows: 0, newest: null };
  // Nobody has to be mentioned: then the application table has no rows.
  if (!found || (rows === 0 && tier !== "application")) {
    const problem = found ? "is empty" : "does not exist yet";
    throw new BirdsongError(
      `nothing to examine in ${lake.folder}: its table ${tier} ${problem}. ` +
        "Run `deno task pipeline` or the notebooks first",
      { context: { lake: lake.folder, table: tier } },
    );
  }
  const most = Math.floor(Math.min(mostRows, mostBytes * rows / Math.max(1, found.bytes)));
  const where = rows > most ? `WHERE rowid > ${newest - most}` : "";
  await copy(connection, `SELECT * FROM ${tier} ${where}`, folder, tier);
}

async function copy(connection: Connection, query: string, folder: string, name: string) {
  const file = parquetFile(folder, name);
  try {
    await connection.run(`COPY (${query}) TO ${literal(file)} (FORMAT parquet)`);
  } catch (error) {
    // Another disk than the lake's, perhaps, and nothing that concerns the lake.
    const reason = messageOf(error);
    if (!reason.includes(folder)) throw error;
    throw new BirdsongError(
      `cannot copy the lake's newest rows to ${file}: ${reason}. ` +
        "Make room there, or name another folder for temporary files (TMPDIR)",
      { cause: error, context: { file } },
    );
  }
}

function parquetFile(folder: string, name: string): string {
  return join(folder, `${name}.parquet`);
}
