import { DuckDBInstance } from "@duckdb/node-api";
import assert from "node:assert/strict";
import { join } from "node:path";
import { BirdsongError } from "../../lib/errors.ts";
import { Connection } from "../../lib/lakehouse/connection.ts";
import { loadStatement } from "../../lib/lakehouse/extensions.ts";
import { Lakehouse } from "../../lib/lakehouse/lakehouse.ts";
import { retryOnConflict } from "../../lib/lakehouse/retry.ts";
import { literal } from "../../lib/lakehouse/sql_text.ts";
import { whileLocked } from "./while_locked.ts";
import { commitSql, withFolder, withLake } from "./with_lake.ts";

/** What `action` throws. */
async function thrownBy(action: () => Promise<unknown>): Promise<Error> {
  try {
    await action();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

/** Asserts that what fails once with this error is tried again. */
async function assertTriedAgain(error: Error): Promise<void> {
  let attempts = 0;
  const result = await retryOnConflict("trying", () => {
    return ++attempts === 1 ? Promise.reject(error) : Promise.resolve("done");
  });
  assert.deepEqual([result, attempts], ["done", 2], error.message);
}

Deno.test("what meets SQLite's lock is tried again", async () => {
  await withLake(async (lake) => {
    await lake.createTable("numbers", { n: "BIGINT" });
    const connection = await lake.connect();
    await whileLocked(lake.folder, async () => {
      await connection.run("BEGIN TRANSACTION");
      await connection.run("INSERT INTO numbers VALUES (1)");
      await assertTriedAgain(await thrownBy(() => connection.run("COMMIT")));
    });
    connection.close();
  });
});

Deno.test("a commit waits for the lock of another process", async () => {
  await withLake(async (lake) => {
    await lake.createTable("numbers", { n: "BIGINT" });
    await whileLocked(lake.folder, async (release) => {
      const commit = commitSql(lake, "INSERT INTO numbers VALUES (1)");
      assert.equal(await lake.count("numbers"), 0, "readers do not wait");
      await release();
      await commit;
    });
    assert.equal(await lake.count("numbers"), 1);
  });
});

Deno.test("a commit that another one has overtaken is run again on what is there then", async () => {
  await withLake(async (lake) => {
    await lake.createTable("counter", { n: "BIGINT" });
    await commitSql(lake, "INSERT INTO counter VALUES (1)");
    const other = await Lakehouse.open(lake.folder);
    const connection = await lake.connect();
    let attempts = 0;
    await lake.commit(connection, { author: "test", message: "add" }, async (connection) => {
      await connection.run("UPDATE counter SET n = n + 10");
      if (++attempts === 1) await commitSql(other, "UPDATE counter SET n = n + 100");
    });
    assert.equal(attempts, 2);
    assert.deepEqual(await lake.table("counter"), [{ n: 111 }]);
    connection.close();
    other.close();
  });
});

Deno.test("two processes may make the same tables at the same time", async () => {
  await withLake(async (lake) => {
    const other = await Lakehouse.open(lake.folder);
    const info = { author: "test", message: "make" };
    for (const name of ["a", "b", "c", "d"]) {
      const make = async (connection: Connection) => {
        await connection.run(`CREATE SCHEMA IF NOT EXISTS ${name}`);
        await connection.run(`CREATE TABLE IF NOT EXISTS ${name}.t (n BIGINT)`);
      };
      let attempts = 0;
      await lake.transaction(info, async (connection) => {
        await make(connection);
        if (++attempts === 1) await other.transaction(info, make);
      });
      assert.equal(attempts, 2);
      for (const side of [lake, other]) assert.deepEqual(await side.sql(`FROM ${name}.t`), []);
    }
    other.close();
  });
});

Deno.test("what meets a conflict of DuckLake's is tried again", async () => {
  await withFolder(async (folder) => {
    // In a catalog in a DuckDB file, transactions of one process meet each other.
    const instance = await DuckDBInstance.create(":memory:");
    const [a, b] = [
      new Connection(await instance.connect()),
      new Connection(await instance.connect()),
    ];
    const { version } = (await a.row("SELECT version() AS version"))!;
    await a.run(loadStatement("ducklake", version));
    await a.run(
      `ATTACH ${literal(`ducklake:${join(folder, "catalog.ducklake")}`)} AS lake
       (DATA_PATH ${literal(join(folder, "data"))})`,
    );
    for (const connection of [a, b]) await connection.run("USE lake");
    await a.run("CREATE TABLE few AS SELECT 0 AS n");
    await a.run("CREATE TABLE many AS SELECT range AS n FROM range(100)");
    const clashes = [
      "UPDATE few SET n = n + 1",
      "UPDATE many SET n = n + 1 WHERE n = 50",
      "CREATE TABLE IF NOT EXISTS made (n BIGINT)",
      "ALTER TABLE many ADD COLUMN IF NOT EXISTS text VARCHAR",
    ];
    for (const sql of clashes) {
      for (const connection of [a, b]) {
        await connection.run("BEGIN TRANSACTION");
        await connection.run(sql);
      }
      await a.run("COMMIT");
      await assertTriedAgain(await thrownBy(() => b.run("COMMIT")));
      await b.run("ROLLBACK").catch(() => {});
    }
    a.close();
    b.close();
    instance.closeSync();
  });
});

// The beginnings of what DuckDB says where several processes write one catalog.
const failedCommit =
  "TransactionContext Error: Failed to commit: Failed to commit DuckLake transaction.\n";
const failedFlush =
  "Invalid Error: Failed to delete flushed inlined data in DuckLake from table ducklake_inlined_data_1_2: " +
  `Failed to execute query "DELETE FROM \"public\".ducklake_inlined_data_1_2 WHERE ctid IN ('(0,1)')": `;
const failedInit =
  'Invalid Error: Failed to initialize DuckLake: Failed to execute query "CREATE ...": ';

Deno.test("what several processes have met in catalogs of PostgreSQL and SQLite is tried again", async () => {
  const messages = [
    `${failedCommit}Transaction conflict - attempting to delete from table with index "1" - but another transaction has inserted into it`,
    `${failedCommit}Exceeded the maximum retry count of 10 set by the ducklake_max_retry_count setting.\n. Consider increasing`,
    `Invalid Input Error: Failed to commit: Failed to commit DuckLake transaction.\nFailed to load DuckLake - table with id 76 references schema id 1 that does not exist`,
    `${failedFlush}ERROR:  could not serialize access due to concurrent update\n`,
    `${failedFlush}ERROR:  deadlock detected\nDETAIL:  Process 1 waits for ShareLock on transaction 2\n`,
    `${failedInit}ERROR:  duplicate key value violates unique constraint "pg_namespace_nspname_index"\n`,
    `${failedInit}ERROR:  relation "ducklake_metadata" already exists\n`,
    'Catalog Error: Failed to read inlined data from DuckLake: Table with name ducklake_inlined_data_1_2 does not exist!\nDid you mean "x"?',
  ];
  for (const message of messages) await assertTriedAgain(new Error(message));
});

Deno.test("mistakes are not tried again", async () => {
  await withLake(async (lake) => {
    await lake.createTable("numbers", { n: "BIGINT" });
    const mistakes = [
      "SELECT nonsense",
      "FROM nowhere",
      "SELEC 1",
      "INSERT INTO numbers VALUES ('x')",
      "INSERT INTO numbers VALUES (1) ON CONFLICT DO NOTHING",
      "SELECT error('database is locked')",
      "SELECT 'x: database is locked'::INTEGER",
      "SELECT error('Transaction conflict - attempting to commit')",
      "SELECT error('x: ERROR:  could not serialize access')",
    ];
    for (const sql of mistakes) {
      let attempts = 0;
      const error = await thrownBy(() =>
        retryOnConflict("trying", () => {
          attempts++;
          return lake.sql(sql);
        })
      );
      assert.ok(!(error instanceof BirdsongError), "the error itself");
      assert.equal(attempts, 1, error.message);
    }
  });
});

Deno.test("neither is a commit that fails for another reason", async () => {
  const messages = [
    // Of statements that hold hostile text.
    `${failedCommit}Failed to flush changes into DuckLake: Failed to execute query "INSERT INTO t VALUES ('database is locked')": database or disk is full`,
    `${failedCommit}Failed to flush changes into DuckLake: no row says\nTransaction conflict - `,
    `${failedFlush}ERROR:  relation "could not serialize access" does not exist\n`,
    `${failedInit}ERROR:  permission denied for schema public\n`,
    "birds_stream failed in batch 1: database is locked",
  ];
  for (const message of messages) {
    let attempts = 0;
    const error = new Error(message);
    assert.equal(
      await thrownBy(() => retryOnConflict("trying", () => (attempts++, Promise.reject(error)))),
      error,
    );
    assert.equal(attempts, 1, message);
  }
});

Deno.test("a lock that is never given up is told in the end, with what was being done", async () => {
  const lock = new Error("Invalid Error: database is locked");
  let attempts = 0;
  const error = await thrownBy(() =>
    retryOnConflict("silver_stream: batch 3", () => {
      attempts++;
      return Promise.reject(lock);
    }, 200)
  );
  assert.ok(error instanceof BirdsongError && error.retriable);
  assert.match(error.message, /^silver_stream: batch 3: other processes .* busy for 0\.2 s\. /);
  assert.match(error.message, /`deno task streams`.*start again/);
  assert.equal(error.cause, lock);
  // Without pauses, it would be tried thousands of times.
  assert.ok(attempts > 1 && attempts < 60, `${attempts} attempts`);
});
