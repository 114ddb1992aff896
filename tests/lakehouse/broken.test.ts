import assert from "node:assert/strict";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { BirdsongError } from "../../lib/errors.ts";
import { catalog } from "../../lib/lakehouse/catalog_tables.ts";
import { Lakehouse } from "../../lib/lakehouse/lakehouse.ts";
import { optimize } from "../../lib/lakehouse/optimize.ts";
import { projectPath } from "../../lib/paths.ts";
import { withSession } from "../streaming/with_session.ts";
import { commitSql, withFolder } from "./with_lake.ts";

/** Runs a test on a lake with a table `t` of two files, which nobody has open. */
async function withClosedLake(test: (folder: string, catalog: string) => Promise<void>) {
  await withFolder(async (parent) => {
    const folder = join(parent, "it's a lake");
    const lake = await Lakehouse.open(folder);
    for (const sql of ["CREATE TABLE t AS FROM range(100)", "INSERT INTO t FROM range(100)"]) {
      await commitSql(lake, sql);
    }
    lake.close();
    await test(folder, join(folder, "catalog.sqlite"));
  });
}

/** Asserts that a lake cannot be opened, to write or to read, and says so. */
async function assertNotOpened(folder: string, message: string): Promise<void> {
  for (const readOnly of [false, true]) {
    await assert.rejects(Lakehouse.open(folder, { readOnly }), (error: Error) => {
      assert.ok(error instanceof BirdsongError);
      assert.ok(error.message.includes(message), error.message);
      return true;
    });
  }
}

Deno.test("a damaged catalog is named, with what to do", async () => {
  const damages: ((catalog: string) => void)[] = [
    (catalog) => writeFileSync(catalog, "this is no database".repeat(1000)),
    (catalog) => truncateSync(catalog, 20_000),
    (catalog) => writeFileSync(catalog, readFileSync(catalog).fill("A", 8192, 65_536)),
  ];
  for (const damage of damages) {
    await withClosedLake(async (folder, catalog) => {
      damage(catalog);
      await assertNotOpened(
        folder,
        `cannot open the lake in ${folder}: the catalog ${catalog} is damaged. Put it back from a copy`,
      );
    });
  }
});

Deno.test("a catalog of another version of DuckLake is named, with both versions", async () => {
  await withClosedLake(async (folder, file) => {
    const lake = await Lakehouse.open(folder);
    await lake.sql(`UPDATE ${catalog}.ducklake_metadata SET value = '9.1' WHERE key = 'version'`);
    lake.close();
    await assertNotOpened(
      folder,
      `the catalog ${file} has version 9.1 of DuckLake's format, but this program reads version 1.0: `,
    );
  });
});

Deno.test("no new catalog is made beside the files of tables", async () => {
  await withClosedLake(async (folder, catalog) => {
    writeFileSync(catalog, "");
    const rest = `but ${join(folder, "data")} holds the files of its tables. Put the catalog back`;
    await assertNotOpened(folder, `the catalog ${catalog} is empty, ${rest}`);
    rmSync(catalog);
    await assert.rejects(Lakehouse.open(folder), ({ message }: Error) => {
      assert.ok(message.startsWith(`the catalog ${catalog} is missing, ${rest}`), message);
      return true;
    });
    rmSync(join(folder, "data"), { recursive: true });
    (await Lakehouse.open(folder)).close();
  });
});

Deno.test("a folder in the catalog's place is named", async () => {
  await withFolder(async (folder) => {
    mkdirSync(join(folder, "catalog.sqlite"));
    await assertNotOpened(folder, `${folder}/catalog.sqlite is a folder, but must be the lake's`);
  });
});

Deno.test("a file of a table that is missing or damaged is named with the table", async () => {
  const spoil: [what: string, spoil: (file: string) => void][] = [
    ["missing", (file) => rmSync(file)],
    ["damaged", (file) => writeFileSync(file, "")],
    ["damaged", (file) => writeFileSync(file, "no magic bytes".repeat(100))],
    ["damaged", (file) => truncateSync(file, 400)],
    // Of this, DuckDB does not say in which file it is.
    ["damaged", (file) => writeFileSync(file, readFileSync(file).fill(7, 4, 200))],
  ];
  for (const [what, change] of spoil) {
    await withClosedLake(async (folder) => {
      const files = join(folder, "data", "main", "t");
      const file = join(files, readdirSync(files).sort()[1]);
      change(file);
      const message = `a file of the table "t" is ${what}: ${file}. Put it back from a copy; `;
      const lake = await Lakehouse.open(folder);
      const says = (beginning: string) => (error: Error) => {
        assert.ok(error instanceof BirdsongError);
        assert.ok(error.message.startsWith(beginning + message), error.message);
        return true;
      };
      try {
        await assert.rejects(lake.sql("SELECT sum(range) FROM t"), says(""));
        await assert.rejects(lake.table("t"), says(""));
        await assert.rejects(optimize(lake, "t"), says("optimize: optimize t: "));
      } finally {
        lake.close();
      }
    });
  }
});

Deno.test("a stream whose table misses a file says which, and in which batch", async () => {
  await withSession(async (session) => {
    await commitSql(session.lake, "CREATE TABLE t AS SELECT range AS n FROM range(100)");
    const [file] = readdirSync(join(session.lake.dataPath, "main", "t"));
    rmSync(join(session.lake.dataPath, "main", "t", file));
    const query = await session.readStream.table("t").transform({
      schema: { n: "BIGINT" },
      apply: ({ relation }) => `SELECT n FROM ${relation}`,
    }).writeStream.queryName("copy_stream").trigger({ availableNow: true }).toTable("copies");
    await assert.rejects(query.awaitTermination(), (error: Error) => {
      assert.ok(error instanceof BirdsongError);
      const message = 'copy_stream failed in batch 0: a file of the table "t" is missing: ';
      assert.ok(error.message.startsWith(message), error.message);
      return true;
    });
  });
});

Deno.test("an error that quotes words of a full disk is not taken for one", async () => {
  await withClosedLake(async (folder) => {
    const lake = await Lakehouse.open(folder);
    for (const words of ["IO Error: x: No space left on device", "database or disk is full"]) {
      await assert.rejects(
        lake.sql("SELECT CAST($words AS INTEGER)", { words }),
        (error: Error) => !(error instanceof BirdsongError) && /^Conversion/.test(error.message),
      );
    }
    lake.close();
  });
});

Deno.test("a lake's folder that is a file, or in one, is named", async () => {
  await withFolder(async (parent) => {
    const file = join(parent, "a file");
    writeFileSync(file, "");
    for (const folder of [file, join(file, "lake")]) {
      await assert.rejects(Lakehouse.open(folder), ({ message }: Error) => {
        const reason =
          `${file} is a file, so ${folder} cannot be a lake's folder: name another one`;
        assert.ok(message.startsWith(`cannot open the lake in ${folder}: ${reason}`), message);
        return true;
      });
    }
  });
});

Deno.test("a lake's folder that nobody can make is named", {
  ignore: process.platform !== "linux",
}, async () => {
  // What a drive that is not there looks like.
  await assert.rejects(
    Lakehouse.open("/proc/no drive/lake"),
    /^BirdsongError: cannot open the lake in \/proc\/no drive\/lake: .*no such file or directory/,
  );
});

// To root, permissions say nothing: there, someone else tries, if that one can run this program.
const isRoot = process.platform !== "win32" && process.getuid!() === 0;

function isOpenToAll(path: string): boolean {
  const open = (statSync(path).mode & 0o005) === 0o005;
  return open && (dirname(path) === path || isOpenToAll(dirname(path)));
}

Deno.test("a lake's folder without permission to write is named, with what to do", {
  ignore: process.platform === "win32" ||
    isRoot && ![process.execPath, projectPath("node_modules")].map((path) => realpathSync(path))
        .every(isOpenToAll),
}, async () => {
  await withClosedLake(async (folder, catalog) => {
    const cache = mkdtempSync(join(folder, "deno-"));
    chmodSync(cache, 0o777);
    for (const path of [join(folder, ".."), folder, catalog]) {
      chmodSync(path, isRoot ? 0o755 : 0o555);
    }
    for (const lake of [folder, join(folder, "other")]) {
      const { stdout } = await new Deno.Command(process.execPath, {
        args: [
          ...["run", "--allow-all", "--no-check"],
          ...[projectPath("tests/lakehouse/fixtures/open_lake.ts"), lake],
        ],
        env: { DENO_DIR: cache },
        ...(isRoot ? { uid: 65_534, gid: 65_534 } : {}),
      }).output();
      const message = new TextDecoder().decode(stdout);
      const reason = `there is no permission to write to ${lake}. Run this as`;
      assert.ok(message.startsWith(`cannot open the lake in ${lake}: ${reason}`), message);
    }
    chmodSync(folder, 0o755);
  });
});
