import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { Lakehouse } from "../../lib/lakehouse/lakehouse.ts";
import { projectPath } from "../../lib/paths.ts";
import { Session } from "../../lib/streaming/session.ts";
import { withFolder } from "../lakehouse/with_lake.ts";
import type { FillOrder } from "./fill_disk.ts";
import { SmallDisk } from "./small_disk.ts";

type Order = Omit<FillOrder, "lake" | "source">;

// Reported as skipped where no disk can be mounted.
const ignore = !SmallDisk.isPossible;

/** A lake on a small disk, and a source beside it. */
class Fixture {
  readonly disk = new SmallDisk(24);
  readonly lake = join(this.disk.folder, "lake");
  #rows = 0;

  constructor(readonly source: string) {
    mkdirSync(source);
  }

  /** Adds a file to the source. */
  add(rows: number, width: number): void {
    const lines = Array.from({ length: rows }, () => {
      const text = Array.from(
        { length: width / 10 },
        () => Math.random().toString(36).slice(2, 12),
      );
      return JSON.stringify({ n: this.#rows++, text: text.join(" ") });
    });
    const name = `${String(this.#rows).padStart(9, "0")}.json`;
    writeFileSync(join(this.source, name), lines.join("\n"));
  }

  /** Runs the stream in a process of its own; returns the error that it ended with. */
  async take(order: Order = {}): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...["run", "--allow-all", "--no-check", projectPath("tests/fault/fill_disk.ts")],
      JSON.stringify({ lake: this.lake, source: this.source, ...order }),
    ]);
    return stdout.trim();
  }

  /** Asserts that the stream goes on when there is room, and that every row is there once. */
  async goesOn(): Promise<void> {
    assert.equal(await this.take(), "");
    const lake = await Lakehouse.open(this.lake);
    try {
      const [found] = await lake.sql(
        "SELECT count(*) AS rows, count(DISTINCT n) AS different, max(n) + 1 AS last FROM rows",
      );
      assert.deepEqual(found, { rows: this.#rows, different: this.#rows, last: this.#rows });
      const batches = await lake.sql(
        `SELECT batch_id, row_number() OVER (ORDER BY batch_id) - 1 AS expected
         FROM checkpoint.progress`,
      );
      for (const { batch_id, expected } of batches) assert.equal(batch_id, expected);
    } finally {
      lake.close();
    }
  }
}

/** Runs a test on a lake whose stream has taken a first file. */
async function withDisk(test: (fixture: Fixture) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const fixture = new Fixture(join(folder, "source"));
    try {
      fixture.add(100, 50);
      await fixture.goesOn();
      await test(fixture);
    } finally {
      fixture.disk.remove();
    }
  });
}

Deno.test({
  name: "a disk that is full ends a stream with what to do, and with room it goes on",
  ignore,
  async fn() {
    await withDisk(async (fixture) => {
      const full = `the disk of ${fixture.lake} is full, with 0.`;
      // What DuckDB or the system says of it shows that the disk was full at the moment meant.
      const cases: [rows: number, width: number, order: Order, reason: RegExp][] = [
        [3, 10, { fullAt: "opening" }, /^cannot open the lake in .*disk I\/O error/s],
        [3, 10, { fullAt: "starting" }, /^rows_stream: .*ENOSPC: .* write/s],
        // Three rows stand in the catalog; more become a file.
        [3, 10, { fullAt: "written" }, /^rows_stream: batch .*"COMMIT": database or disk is full/s],
        [
          5000,
          100,
          { fullAt: "planned", free: 1e5 },
          /^rows_stream: batch .*\.parquet": No space/s,
        ],
        [
          5000,
          100,
          { fullAt: "written" },
          /^rows_stream: batch .*"COMMIT": database or disk is full/s,
        ],
        // A batch that does not fit into the memory goes to the disk before it is written.
        [
          20_000,
          1000,
          { fullAt: "planned", free: 5e5, memory: "40MB" },
          /^rows_stream failed in batch .*(spill|temp_directory)/s,
        ],
      ];
      for (const [rows, width, order, reason] of cases) {
        fixture.add(rows, width);
        const error = await fixture.take(order);
        assert.ok(error.includes(full), error);
        assert.match(error, reason);
        await fixture.goesOn();
      }
    });
  },
});

Deno.test({
  name: "a lake on a read-only disk is not opened, with what to do, and streams go on later",
  ignore,
  async fn() {
    await withDisk(async (fixture) => {
      fixture.add(100, 50);
      fixture.disk.setReadOnly(true);
      const { lake } = fixture;
      const message =
        `cannot open the lake in ${lake}: ${lake} is read-only. Make it writable, or `;
      const error = await fixture.take();
      assert.ok(error.startsWith(message), error);
      // SQLite writes beside its file even where it only reads.
      await assert.rejects(
        Lakehouse.open(lake, { readOnly: true }),
        ({ message: found }: Error) => {
          assert.ok(found.startsWith(message), found);
          return true;
        },
      );
      fixture.disk.setReadOnly(false);
      await fixture.goesOn();
    });
  },
});

Deno.test({
  name: "a stream whose tables' folder is read-only ends with what to do, and goes on later",
  ignore,
  async fn() {
    await withDisk(async (fixture) => {
      fixture.add(100, 50);
      const end = fixture.disk.protect(join(fixture.lake, "data"));
      const error = await fixture.take();
      assert.match(
        error,
        /^rows_stream: batch 1: .*lake is read-only\. Make it .*\/data\/main\/rows\//,
      );
      end();
      await fixture.goesOn();
    });
  },
});

Deno.test({
  name: "a source that is read-only is read",
  ignore,
  async fn() {
    await withFolder(async (folder) => {
      const disk = new SmallDisk(1);
      try {
        writeFileSync(join(disk.folder, "1.json"), '{"n":1,"text":"one"}');
        disk.setReadOnly(true);
        const session = await Session.open(join(folder, "lake"));
        const schema = { n: "BIGINT", text: "VARCHAR" };
        const query = await session.readStream.schema(schema).json(disk.folder).transform({
          schema,
          apply: ({ relation }) => `SELECT n, text FROM ${relation}`,
        }).writeStream.queryName("rows_stream").trigger({ availableNow: true }).toTable("rows");
        await query.awaitTermination();
        assert.deepEqual(await session.table("rows"), [{ n: 1, text: "one" }]);
        await session.close();
      } finally {
        disk.remove();
      }
    });
  },
});
