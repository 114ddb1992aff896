import assert from "node:assert/strict";
import { existsSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { BirdsongError } from "../../lib/errors.ts";
import { Lakehouse } from "../../lib/lakehouse/lakehouse.ts";
import { projectPath } from "../../lib/paths.ts";
import { commitSql, withFolder, withLake } from "./with_lake.ts";

Deno.test("a lake that is opened again holds what was committed", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a", "b", "lake");
    const lake = await Lakehouse.open(path);
    await lake.createTable("birds", { name: "VARCHAR", songs: "BIGINT" });
    await commitSql(lake, "INSERT INTO birds VALUES ('wren', 3), (NULL, NULL)");
    lake.close();
    for (const readOnly of [false, true]) {
      const again = await Lakehouse.open(path, { readOnly });
      assert.equal(again.folder, path);
      assert.deepEqual(await again.table("birds"), [
        { name: "wren", songs: 3 },
        { name: null, songs: null },
      ]);
      again.close();
    }
  });
});

Deno.test("a lake that is opened read-only must be there, and cannot be changed", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "lake");
    await assert.rejects(Lakehouse.open(path, { readOnly: true }), (error: Error) => {
      assert.ok(error instanceof BirdsongError);
      assert.match(error.message, /^no lake in .*deno task pipeline/);
      assert.equal(error.context.folder, path);
      return true;
    });
    assert.ok(!existsSync(path), "looking for a lake must not make one");
    (await Lakehouse.open(path)).close();
    const lake = await Lakehouse.open(path, { readOnly: true });
    try {
      await assert.rejects(lake.sql("CREATE TABLE birds (name VARCHAR)"), /read-only/);
    } finally {
      lake.close();
    }
  });
});

Deno.test("a lake that cannot be opened says which and why", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(
      join(folder, "catalog.sqlite"),
      "this is no database, but a text file",
    );
    await assert.rejects(Lakehouse.open(folder), (error: Error) => {
      assert.ok(error instanceof BirdsongError);
      assert.ok(error.message.startsWith(`cannot open the lake in ${folder}: `), error.message);
      return true;
    });
    await Deno.writeTextFile(join(folder, "file"), "");
    await assert.rejects(Lakehouse.open(join(folder, "file")), /cannot open the lake in .*file: /);
  });
});

Deno.test("a lake's folder may be moved", async () => {
  await withFolder(async (folder) => {
    const [before, after] = [join(folder, "before"), join(folder, "elsewhere", "after")];
    const lake = await Lakehouse.open(before);
    await lake.createTable("numbers", { n: "BIGINT" });
    await commitSql(lake, "INSERT INTO numbers FROM range(1000)");
    lake.close();
    await Deno.mkdir(join(folder, "elsewhere"));
    renameSync(before, after);
    for (const readOnly of [true, false]) {
      const moved = await Lakehouse.open(after, { readOnly });
      assert.deepEqual(await moved.sql("SELECT sum(n) AS sum FROM numbers"), [{ sum: 499500 }]);
      if (!readOnly) await commitSql(moved, "INSERT INTO numbers FROM range(1000)");
      moved.close();
    }
    assert.ok(!existsSync(before), "new rows go to the new place");
  });
});

for (const name of ["it's a lake", 'double "quotes"', "ünï-😀 lake", "a;b#c?d=e%20&f", "$1{x}"]) {
  Deno.test(`a lake's folder may be called ${name}`, async () => {
    await withFolder(async (folder) => {
      const path = join(folder, name);
      const lake = await Lakehouse.open(path);
      await lake.createTable("numbers", { n: "BIGINT" });
      await commitSql(lake, "INSERT INTO numbers FROM range(1000)");
      lake.close();
      assert.deepEqual(readdirSync(folder), [name], "nothing is written beside it");
      const again = await Lakehouse.open(path, { readOnly: true });
      assert.equal(await again.count("numbers"), 1000);
      again.close();
    });
  });
}

Deno.test("timestamps are UTC on every connection, whatever the machine's zone", async () => {
  await withLake(async (lake) => {
    const connection = await lake.connect();
    const query = "SELECT '2009-04-07 05:19:45'::TIMESTAMPTZ AS t, " +
      "strftime('2009-04-07T05:19:45Z'::TIMESTAMPTZ, '%H') AS hour";
    const expected = { t: new Date("2009-04-07T05:19:45Z"), hour: "05" };
    assert.deepEqual(await connection.row(query), expected);
    assert.deepEqual(await lake.sql(query), [expected]);
    connection.close();
  });
});

Deno.test("a table has a schema and a number of rows, and is made only once", async () => {
  await withLake(async (lake) => {
    assert.equal(await lake.tableExists("birds"), false);
    assert.equal(await lake.tableSchema("birds"), undefined);
    await assert.rejects(lake.count("birds"), /birds/);
    const schema = { 'the "name"': "VARCHAR", seen: "TIMESTAMP WITH TIME ZONE", n: "INTEGER" };
    await lake.createTable("birds", schema);
    await commitSql(lake, "INSERT INTO birds VALUES ('wren', NULL, 1)");
    await lake.createTable("birds", { other: "VARCHAR" });
    assert.deepEqual(await lake.tableSchema("birds"), schema);
    assert.deepEqual(Object.keys((await lake.tableSchema("birds"))!), Object.keys(schema));
    assert.equal(await lake.tableExists("birds"), true);
    assert.equal(await lake.count("birds"), 1);
    await lake.createTable("weird; \"table'", { n: "BIGINT" });
    assert.equal(await lake.count("weird; \"table'"), 0);
  });
});

Deno.test("every commit is a version that can be read again", async () => {
  await withLake(async (lake) => {
    await lake.createTable("numbers", { n: "BIGINT" });
    const versions = [await lake.currentVersion()];
    // One row is kept in the catalog, a hundred in a file.
    for (const rows of [1, 100, 1]) {
      await commitSql(lake, `INSERT INTO numbers FROM range(${rows})`);
      versions.push(await lake.currentVersion());
    }
    await commitSql(lake, "DELETE FROM numbers");
    assert.equal(new Set(versions).size, 4);
    for (const [index, rows] of [0, 1, 101, 102].entries()) {
      const at = { versionAsOf: versions[index] };
      assert.equal((await lake.table("numbers", at)).length, rows);
      const sql = `SELECT count(*) AS n FROM numbers AT (VERSION => ${versions[index]})`;
      assert.deepEqual(await lake.sql(sql), [{ n: rows }]);
    }
    assert.deepEqual(await lake.table("numbers"), []);
    await assert.rejects(lake.table("numbers", { versionAsOf: 1_000_000 }), /1000000/);
  });
});

Deno.test("a commit is all or nothing, over several tables", async () => {
  await withLake(async (lake) => {
    await lake.createTable("a", { n: "BIGINT" });
    await lake.createTable("b", { n: "BIGINT" });
    const before = await lake.currentVersion();
    const connection = await lake.connect();
    const info = { author: "test", message: "both" };
    const failing = lake.commit(connection, info, async (connection) => {
      await connection.run("INSERT INTO a FROM range(100)");
      await connection.run("INSERT INTO b VALUES (1)");
      throw new Error("in the middle");
    });
    await assert.rejects(failing, /^Error: in the middle$/);
    const invalid = lake.commit(connection, info, async (connection) => {
      await connection.run("INSERT INTO a VALUES (1)");
      await connection.run("INSERT INTO b VALUES ('no number')");
    });
    await assert.rejects(invalid, /no number/);
    assert.equal(await lake.currentVersion(), before);
    const written = await lake.commit(connection, info, async (connection) => {
      await connection.run("INSERT INTO b VALUES (1)");
      return await connection.run("INSERT INTO a FROM range(100)");
    });
    assert.equal(written, 100, "commit returns what its action returns");
    assert.deepEqual([await lake.count("a"), await lake.count("b")], [100, 1]);
    assert.equal(await lake.currentVersion(), before + 1, "two tables, one version");
    connection.close();
  });
});

Deno.test("nobody sees the rows of a commit before its end", async () => {
  await withLake(async (lake) => {
    await lake.createTable("numbers", { n: "BIGINT" });
    const connection = await lake.connect();
    await lake.commit(connection, { author: "test", message: "rows" }, async (connection) => {
      await connection.run("INSERT INTO numbers FROM range(5)");
      assert.equal(await lake.count("numbers"), 0);
    });
    assert.equal(await lake.count("numbers"), 5);
    connection.close();
  });
});

Deno.test("queries may fail while a table is made", async () => {
  await withLake(async (lake) => {
    await Promise.all([
      ...["a", "b", "c"].map((name) => lake.createTable(name, { n: "BIGINT" })),
      ...["1", "2", "3", "4", "5", "6"].map((n) =>
        assert.rejects(lake.sql(`SELECT error('failed ${n}')`), /failed/)
      ),
    ]);
    for (const name of ["a", "b", "c"]) assert.equal(await lake.count(name), 0);
  });
});

Deno.test("commits of one process queue up", async () => {
  await withLake(async (lake) => {
    await lake.createTable("counter", { n: "BIGINT" });
    await commitSql(lake, "INSERT INTO counter VALUES (0)");
    await Promise.all(
      Array.from({ length: 8 }, () => commitSql(lake, "UPDATE counter SET n = n + 1")),
    );
    assert.deepEqual(await lake.table("counter"), [{ n: 8 }]);
  });
});

Deno.test("a failed commit does not hold up the next one", async () => {
  await withLake(async (lake) => {
    await lake.createTable("numbers", { n: "BIGINT" });
    const results = await Promise.allSettled([
      commitSql(lake, "INSERT INTO numbers VALUES ('x')"),
      commitSql(lake, "INSERT INTO numbers VALUES (1)"),
    ]);
    assert.deepEqual(results.map(({ status }) => status), ["rejected", "fulfilled"]);
    assert.equal(await lake.count("numbers"), 1);
  });
});

Deno.test("a commit's author, message and facts stand in the history", async () => {
  await withLake(async (lake) => {
    const connection = await lake.connect();
    const info = { author: "it's me", message: 'naïve "100 %"', extra: { batchId: 7 } };
    await lake.commit(connection, info, (connection) => connection.run("CREATE TABLE t (n INT)"));
    const [last] = await lake.sql(
      "SELECT author, commit_message, commit_extra_info FROM lake.snapshots() " +
        "ORDER BY snapshot_id DESC LIMIT 1",
    );
    assert.deepEqual(last, {
      author: "it's me",
      commit_message: 'naïve "100 %"',
      commit_extra_info: '{"batchId":7}',
    });
    connection.close();
  });
});

Deno.test("two processes that write at once lose nothing and repeat nothing", async () => {
  await withLake(async (lake) => {
    await lake.createTable("counter", { n: "BIGINT" });
    await commitSql(lake, "INSERT INTO counter VALUES (0)");
    const commits = 8;
    const ends = await Promise.all(["a", "b"].map((writer) =>
      new Deno.Command(Deno.execPath(), {
        args: [
          "run",
          "-A",
          projectPath("tests/lakehouse/fixtures/commit_rows.ts"),
          lake.folder,
          writer,
          String(commits),
        ],
        cwd: projectPath("."),
      }).output()
    ));
    for (const { success, stderr } of ends) {
      assert.ok(success, new TextDecoder().decode(stderr));
    }
    assert.deepEqual(
      await lake.sql("SELECT writer, n FROM numbers ORDER BY writer, n"),
      ["a", "b"].flatMap((writer) => Array.from({ length: commits }, (_, n) => ({ writer, n }))),
    );
    assert.deepEqual(await lake.table("counter"), [{ n: 2 * commits }]);
  });
});
