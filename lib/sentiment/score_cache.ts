import { DuckDBInstance } from "@duckdb/node-api";
import { createHash } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { messageOf } from "../errors.ts";
import { Connection } from "../lakehouse/connection.ts";
import { loadStatement } from "../lakehouse/extensions.ts";
import { RowWriter } from "../lakehouse/row_writer.ts";
import { retryOnConflict } from "../lakehouse/retry.ts";
import { literal } from "../lakehouse/sql_text.ts";
import { projectPath } from "../paths.ts";
import type { Settings } from "../settings.ts";

/** Milliseconds to wait for other processes that write. */
const patience = 5_000;

/** Probabilities of negative, neutral and positive. */
export type Probabilities = readonly [number, number, number];

/** Where scores are kept: what {@linkcode openScorer} takes as `cache`; none where they are not. */
export function scoreCacheFolder(settings: Pick<Settings, "scoreCache">): string | undefined {
  return settings.scoreCache ? projectPath("output/scores") : undefined;
}

/**
 * What one model said of texts that it has seen before: a SQLite file, which several processes may
 * use at once, and in which a killed one leaves nothing half done.
 *
 * It only saves time. Where it fails (a damaged file, a full disk) it says so once, and from then on
 * knows nothing; a damaged file is removed, so that the next scorer begins a new one.
 */
export class ScoreCache {
  #failed = false;
  /** The end of what was begun so far. */
  #last: Promise<void> = Promise.resolve();

  private constructor(
    private readonly file: string,
    private readonly log: (line: string) => void,
    private readonly connection: Connection | undefined,
  ) {}

  /**
   * Opens the cache of a file, and makes it where there is none.
   *
   * @param log Told when the cache cannot be used.
   */
  static async open(file: string, log: (line: string) => void): Promise<ScoreCache> {
    try {
      mkdirSync(dirname(file), { recursive: true });
      const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
      const connection = new Connection(await instance.connect());
      const [{ version }] = await connection.rows("SELECT version() AS version");
      await connection.run(loadStatement("sqlite_scanner", version));
      await connection.run(
        `ATTACH ${literal(file)} AS cache (TYPE sqlite, JOURNAL_MODE 'WAL', BUSY_TIMEOUT 5000)`,
      );
      const cache = new ScoreCache(file, log, connection);
      await cache.#try(() =>
        connection.run(
          "CREATE TABLE IF NOT EXISTS cache.scores (key BIGINT PRIMARY KEY, probabilities VARCHAR)",
        )
      );
      return cache;
    } catch (error) {
      const none = new ScoreCache(file, log, undefined);
      none.#fail(error);
      return none;
    }
  }

  /** The probabilities of those texts that are known, by text. */
  async find(texts: readonly string[]): Promise<Map<string, Probabilities>> {
    const found = new Map<string, Probabilities>();
    if (texts.length === 0) return found;
    const textOf = new Map(texts.map((text) => [String(keyOf(text)), text]));
    await this.#try(async (connection) => {
      // SQLite itself looks the keys up in its index; DuckDB would read the whole table.
      const rows = await connection.rows(
        `SELECT key, probabilities FROM sqlite_query('cache',
           'SELECT scores.key AS key, scores.probabilities AS probabilities
            FROM json_each(?) AS wanted JOIN scores ON scores.key = CAST(wanted.value AS INTEGER)',
           params := row($keys))`,
        { keys: JSON.stringify([...textOf.keys()]) },
      );
      for (const { key, probabilities } of rows) {
        const text = textOf.get(String(key));
        const value = JSON.parse(probabilities);
        if (text !== undefined && isSound(value)) found.set(text, value);
      }
    });
    return found;
  }

  /** Keeps the probabilities of texts that {@linkcode find} did not know. */
  async add(scores: ReadonlyMap<string, Probabilities>): Promise<void> {
    if (scores.size === 0) return;
    await this.#try(async (connection) => {
      const fresh = await RowWriter.create(connection, "fresh", {
        key: "BIGINT",
        probabilities: "VARCHAR",
      });
      for (const [text, value] of scores) fresh.add([keyOf(text), JSON.stringify(value)]);
      fresh.close();
      await retryOnConflict(`writing ${this.file}`, () =>
        connection.run(
          "INSERT INTO cache.scores FROM temp.fresh WHERE key NOT IN (SELECT key FROM cache.scores)",
        ), patience);
    });
  }

  /** Ends the use of the file, after what was begun. */
  async close(): Promise<void> {
    await this.#last;
    this.connection?.close();
  }

  /** Acts after what was begun before: a connection, with its temporary table, is for one at a time. */
  #try(action: (connection: Connection) => Promise<unknown>): Promise<void> {
    this.#last = this.#last.then(async () => {
      if (this.#failed || !this.connection) return;
      try {
        await action(this.connection);
      } catch (error) {
        this.#fail(error);
      }
    });
    return this.#last;
  }

  #fail(error: unknown): void {
    const message = messageOf(error).split("\n")[0];
    // Another process was quicker with the same text, or keeps the file busy: no harm is done.
    if (/constraint|locked|kept the lake's catalog busy/i.test(message)) return;
    this.#failed = true;
    const damaged = /not a database|malformed|no such column|JSON/i.test(message);
    this.log(
      `scores are not looked up: ${this.file} cannot be used (${message})` +
        (damaged && remove(this.file) ? "; it is removed" : ""),
    );
  }
}

/** Removes a SQLite file; false where that cannot be done. */
function remove(file: string): boolean {
  try {
    for (const end of ["", "-wal", "-shm"]) rmSync(file + end, { force: true });
    return true;
  } catch {
    return false;
  }
}

/** 64 bits of the text's SHA-256, as SQLite's integers hold them. */
function keyOf(text: string): bigint {
  return createHash("sha256").update(text).digest().readBigInt64BE();
}

function isSound(value: unknown): value is Probabilities {
  return Array.isArray(value) && value.length === 3 &&
    value.every((number) => typeof number === "number" && number >= 0 && number <= 1) &&
    Math.abs(value[0] + value[1] + value[2] - 1) < 1e-6;
}
