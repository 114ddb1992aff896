import assert from "node:assert/strict";
import { mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { history } from "../../lib/lakehouse/history.ts";
import { Lakehouse } from "../../lib/lakehouse/lakehouse.ts";
import type { LocationOptions } from "../../lib/lakehouse/location.ts";
import { optimize } from "../../lib/lakehouse/optimize.ts";
import { vacuum } from "../../lib/lakehouse/vacuum.ts";
import { assertCountsKept } from "../lakehouse/merged_counts.ts";
import { commitSql, withFolder } from "../lakehouse/with_lake.ts";
import { Keeper } from "./keeper.ts";
import { findPostgres, Postgres } from "./postgres.ts";
import { installServer, S3Server } from "./s3_server.ts";
import type { Stage, StorageOrder } from "./stream.ts";

// Reported as skipped where there is none, and none can be installed.
const postgres = findPostgres();
const moto = await installServer();

const limitSeconds = 600;

/** Runs a test with a PostgreSQL server of its own. */
async function withPostgres(test: (server: Postgres, folder: string) => Promise<void>) {
  await withFolder(async (folder) => {
    const server = new Postgres(postgres!);
    try {
      await test(server, folder);
    } finally {
      server.remove();
    }
  });
}

/** Runs a test with an object storage of its own. */
async function withS3(test: (storage: string, server: S3Server) => Promise<void>) {
  const server = await S3Server.start(moto!);
  const before = { ...process.env };
  try {
    Object.assign(process.env, server.environment);
    await test("s3://lakes/it's one/data", server);
  } finally {
    for (const name of Object.keys(server.environment)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
    await server.stop();
  }
}

/** Files of few and of many rows, with the numbers from 0; returns how many. */
function writeNumbers(source: string, files: number): number {
  mkdirSync(source);
  let n = 0;
  for (let file = 0; file < files; file++) {
    const lines = Array.from({ length: file % 3 ? 30 : 3 }, () => JSON.stringify({ n: n++ }));
    writeFileSync(join(source, `${String(file).padStart(4, "0")}.jsonl`), lines.join("\n"));
  }
  return n;
}

/** What a lake's table holds: how many numbers, how many different ones, and the last one. */
async function assertNumbers(lake: Lakehouse, table: string, rows: number): Promise<void> {
  const [found] = await lake.sql(
    `SELECT count(*) AS rows, count(DISTINCT n) AS different, max(n) + 1 AS last FROM ${table}`,
  );
  assert.deepEqual(found, { rows, different: rows, last: rows }, table);
}

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 1000 * limitSeconds;
  while (!await condition()) {
    assert.ok(Date.now() < deadline, `${what}: not seen in ${limitSeconds} seconds`);
    await sleep(100);
  }
}

/** Optimizes all tables again and again. */
async function optimizeUntil(signal: AbortSignal, folder: string, location: LocationOptions) {
  const lake = await Lakehouse.open(folder, location);
  try {
    while (!signal.aborted) await optimize(lake);
  } finally {
    lake.close();
  }
}

/**
 * Runs files -> a -> b, each in its own process that kills itself again and again, while this one
 * optimizes the tables on two connections; asserts that every row arrives once.
 */
async function runKilled(folder: string, location: LocationOptions): Promise<void> {
  const source = join(folder, "source");
  const rows = writeNumbers(source, 24);
  let deaths = 8;
  const keep = (stage: Stage) =>
    new Keeper((): StorageOrder => {
      const dieAfter = deaths-- > 0 ? deaths % 4 : undefined;
      return { folder: join(folder, "lake"), location, source, stage, dieAfter };
    });
  const a = keep("a");
  const b = keep("b");
  const lake = await Lakehouse.open(join(folder, "lake"), location);
  const end = new AbortController();
  const optimizing = optimizeUntil(end.signal, lake.folder, location);
  optimizing.catch(() => {}); // awaited below
  try {
    a.start();
    await until("the table a", () => lake.tableExists("a"));
    b.start();
    await until("all rows", async () => {
      if (!await lake.tableExists("b")) return false;
      await optimize(lake);
      return await lake.count("b") >= rows;
    });
    end.abort();
    await optimizing;
    await Promise.all([a.stop(), b.stop()]);
    assert.ok(a.kills + b.kills >= 4, "too few kills");
    assert.deepEqual([...a.errors, ...b.errors], []);
    await assertNumbers(lake, "a", rows);
    await assertNumbers(lake, "b", rows);
  } finally {
    end.abort();
    await Promise.all([a.stop(), b.stop(), optimizing.catch(() => {})]);
    lake.close();
  }
}

/** Asserts that history, time travel, optimize and vacuum work in a lake. */
async function assertMaintained(lake: Lakehouse): Promise<void> {
  await lake.createTable("t", { n: "BIGINT" });
  for (const rows of [3, 100, 100]) await commitSql(lake, `INSERT INTO t FROM range(${rows})`);
  const versions = await history(lake, "t");
  assert.deepEqual(versions.map(({ operation }) => operation), [
    "APPEND",
    "APPEND",
    "APPEND",
    "CREATE TABLE",
  ]);
  for (const [index, rows] of [203, 103, 3, 0].entries()) {
    const { version, timestamp } = versions[index];
    assert.equal((await lake.table("t", { versionAsOf: version })).length, rows);
    assert.equal((await lake.table("t", { timestampAsOf: timestamp })).length, rows);
    const [{ n }] = await lake.sql(
      `SELECT count(*) AS n FROM t AT (TIMESTAMP => '${timestamp.toISOString()}')`,
    );
    assert.equal(n, rows);
  }
  const [{ before, after }] = await optimize(lake, "t");
  assert.deepEqual([before.files, after.files], [2, 1]);
  const kept = await vacuum(lake);
  assert.deepEqual([kept.snapshots, kept.oldFiles, kept.after], [0, 0, kept.before]);
  const removed = await vacuum(lake, { retentionHours: 0, retentionDurationCheck: false });
  assert.equal(removed.oldFiles, 3, "two files, and the one that held the inlined rows");
  assert.deepEqual([removed.before.files, removed.after], [4, after]);
  assert.equal(await lake.count("t"), 203);
  await assertCountsKept(lake, 18);
}

async function withLakeAt(
  folder: string,
  location: LocationOptions,
  test: (lake: Lakehouse) => Promise<void>,
): Promise<void> {
  const lake = await Lakehouse.open(join(folder, "lake"), location);
  try {
    await test(lake);
  } finally {
    lake.close();
  }
}

Deno.test({
  name: "a lake with its catalog in PostgreSQL is read, changed and maintained",
  ignore: !postgres,
  fn: () =>
    withPostgres(async ({ catalog }, folder) => {
      await withLakeAt(folder, { catalog }, assertMaintained);
      const again = await Lakehouse.open(join(folder, "lake"), { readOnly: true });
      assert.equal(await again.count("t"), 203, "found by what is noted in the folder");
      again.close();
      await assert.rejects(
        Lakehouse.open(join(folder, "lake"), { catalog: "postgres:dbname=other" }),
        /the lake in .*lake has its catalog in postgres:dbname=lake .*, not in postgres:dbname=other: /,
      );
      await assert.rejects(
        Lakehouse.open(join(folder, "elsewhere"), { catalog }),
        /belongs to a lake whose tables' files are in .*\/lake\/data: set the storage/,
      );
    }),
});

Deno.test({
  name: "a lake with its tables in an object storage is read, changed and maintained",
  ignore: !moto,
  fn: () =>
    withFolder((folder) =>
      withS3(async (storage) => {
        await withLakeAt(folder, { storage }, assertMaintained);
        rmSync(join(folder, "lake", "location.json"));
        await assert.rejects(
          Lakehouse.open(join(folder, "lake")),
          /the files of this lake's tables are in s3:\/\/lakes\/it's one\/data\/, not in .*: set the/,
        );
      })
    ),
});

Deno.test({
  name: "streams on PostgreSQL and an object storage that are killed lose no row and double none",
  ignore: !postgres || !moto,
  fn: () =>
    withPostgres(({ catalog }, folder) =>
      withS3((storage) => runKilled(folder, { catalog, storage }))
    ),
});

Deno.test({
  name: "a process that was frozen on PostgreSQL and taken for dead is refused when it wakes",
  ignore: !postgres,
  fn: () =>
    withPostgres(async ({ catalog }, folder) => {
      const source = join(folder, "source");
      const lakeFolder = join(folder, "lake");
      const rows = writeNumbers(source, 40);
      const order: StorageOrder = { folder: lakeFolder, location: { catalog }, source, stage: "a" };
      const first = new Keeper(() => ({ ...order, freezeAfter: 3 }));
      const second = new Keeper(() => order);
      try {
        first.start();
        await until("it is frozen", () => first.frozen);
        const marks = join(lakeFolder, "running");
        for (const mark of readdirSync(marks)) utimesSync(join(marks, mark), 0, 0);
        second.start();
        await until("the other's batch", () => second.batches > 0);
        first.signal("SIGCONT");
        await until("the refusal", () => first.errors.length > 0);
        await withLakeAt(folder, { catalog }, async (lake) => {
          await until("all rows", async () => await lake.count("a") >= rows);
          await Promise.all([first.stop(), second.stop()]);
          await assertNumbers(lake, "a", rows);
        });
        assert.match(first.errors[0], /^a_stream runs in another process too/);
        assert.deepEqual(second.errors, []);
      } finally {
        await Promise.all([first.stop(), second.stop()]);
      }
    }),
});

Deno.test({
  name: "a commit that meets a lock on PostgreSQL waits for it, and gives up with what to do",
  ignore: !postgres,
  fn: () =>
    withPostgres(async (server, folder) => {
      const location = { catalog: server.catalog };
      await withLakeAt(folder, location, async (lake) => {
        await lake.createTable("t", { n: "BIGINT" });
      });
      const lake = await Lakehouse.open(join(folder, "lake"), { ...location, patience: 1 });
      const lock = await server.lock("ducklake_snapshot");
      try {
        await assert.rejects(
          commitSql(lake, "INSERT INTO t VALUES (1)"),
          /have kept the lake's catalog busy for 0.001 s\. Nothing of this was written\./,
        );
        const waiting = commitSql(lake, "INSERT INTO t VALUES (2)");
        await lock.release();
        await waiting;
        assert.deepEqual(await lake.table("t"), [{ n: 2 }]);
      } finally {
        await lock.release();
        lake.close();
      }
    }),
});

Deno.test({
  name: "a PostgreSQL server that crashes ends streams, and they go on later with every row once",
  ignore: !postgres,
  fn: () =>
    withPostgres(async (server, folder) => {
      const { catalog } = server;
      const source = join(folder, "source");
      const rows = writeNumbers(source, 30);
      const lakeFolder = join(folder, "lake");
      const order: StorageOrder = { folder: lakeFolder, location: { catalog }, source, stage: "a" };
      const keeper = new Keeper(() => order);
      try {
        keeper.start();
        await until("a batch", () => keeper.batches >= 3);
        server.crash();
        await until("its error", () => keeper.errors.length > 0);
        server.start();
        await withLakeAt(folder, { catalog }, async (lake) => {
          await until("all rows", async () => await lake.count("a") >= rows);
          await keeper.stop();
          await assertNumbers(lake, "a", rows);
        });
        // In the middle of some statements, DuckDB 1.5 does not survive it, and neither the process.
        const fatal = /Attempted to access index 0 within vector of size 0/;
        for (const error of keeper.errors.filter((error) => !fatal.test(error))) {
          assert.match(
            error,
            /the catalog postgres:.* cannot be reached\. See that its server runs/,
          );
        }
      } finally {
        await keeper.stop();
      }
    }),
});
