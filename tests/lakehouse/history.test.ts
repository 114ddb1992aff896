import assert from "node:assert/strict";
import { BirdsongError } from "../../lib/errors.ts";
import { history, type TableVersion, tableVersion } from "../../lib/lakehouse/history.ts";
import { optimize } from "../../lib/lakehouse/optimize.ts";
import { vacuum } from "../../lib/lakehouse/vacuum.ts";
import { commitSql, withLake } from "./with_lake.ts";

Deno.test("a table's version is that of its last change, whatever happens to other tables", async () => {
  await withLake(async (lake) => {
    const version = () => tableVersion(lake, "numbers");
    await lake.createTable("numbers", { n: "BIGINT" });
    const changes = [
      "INSERT INTO numbers VALUES (1)",
      "INSERT INTO numbers FROM range(100)",
      "UPDATE numbers SET n = 7 WHERE n = 50",
      "DELETE FROM numbers WHERE n = 51",
      "ALTER TABLE numbers ADD COLUMN text VARCHAR",
    ];
    const made = await version();
    assert.equal(made, await lake.currentVersion());
    await lake.createTable("others", { n: "BIGINT" });
    for (const change of changes) {
      await commitSql(lake, change);
      const changed = await lake.currentVersion();
      assert.equal(await version(), changed, change);
      await commitSql(lake, "INSERT INTO others VALUES (1)");
      await commitSql(lake, "INSERT INTO others FROM range(100)");
      assert.equal(await version(), changed, change);
      assert.deepEqual(
        await lake.sql(`SELECT count(*) AS n FROM numbers AT (VERSION => ${changed})`),
        await lake.sql("SELECT count(*) AS n FROM numbers"),
      );
    }
  });
});

Deno.test("a table's version does not change when its rows are moved", async () => {
  await withLake(async (lake) => {
    await lake.createTable("numbers", { n: "BIGINT" });
    for (const rows of [3, 100, 100]) {
      await commitSql(lake, `INSERT INTO numbers FROM range(${rows})`);
    }
    const before = await tableVersion(lake, "numbers");
    await lake.sql("CALL ducklake_flush_inlined_data('lake')");
    await lake.sql("CALL ducklake_merge_adjacent_files('lake')");
    assert.equal(await tableVersion(lake, "numbers"), before);
    assert.equal((await lake.table("numbers", { versionAsOf: before })).length, 203);
  });
});

Deno.test("the history names what each commit did, and a table can be read at each version and its time", async () => {
  await withLake(async (lake) => {
    await lake.createTable("numbers", { n: "BIGINT", text: "VARCHAR" });
    const merge = (n: number) =>
      `MERGE INTO numbers USING (SELECT ${n} AS n) AS batch ON numbers.n = batch.n
       WHEN MATCHED THEN UPDATE SET text = 'merged'
       WHEN NOT MATCHED THEN INSERT VALUES (batch.n, 'new')`;
    const steps: [sql: string, operation: TableVersion["operation"]][] = [
      ["INSERT INTO numbers VALUES (1, 'inlined')", "APPEND"],
      ["INSERT INTO numbers SELECT range, 'in a file' FROM range(100, 200)", "APPEND"],
      [merge(1), "MERGE"],
      [merge(150), "MERGE"],
      [merge(2), "APPEND"],
      ["UPDATE numbers SET text = NULL WHERE n > 190", "MERGE"],
      ["DELETE FROM numbers WHERE n = 2", "DELETE"],
      ["DELETE FROM numbers WHERE n > 180", "DELETE"],
      ["ALTER TABLE numbers ADD COLUMN more VARCHAR", "ALTER TABLE"],
    ];
    const contents = () => lake.sql("SELECT n, text FROM numbers ORDER BY ALL");
    const expected = [{ operation: "CREATE TABLE", rows: await contents() }];
    for (const [sql, operation] of steps) {
      await commitSql(lake, sql);
      expected.push({ operation, rows: await contents() });
    }
    const changed = await tableVersion(lake, "numbers");
    await commitSql(lake, "CREATE TABLE others AS SELECT 1 AS n");
    await optimize(lake);
    assert.equal(await tableVersion(lake, "numbers"), changed, "optimize moves rows only");

    const versions = await history(lake, "numbers");
    const optimized = versions.filter(({ version }) => version > changed);
    assert.ok(optimized.length > 0);
    for (const { operation, author } of optimized) {
      assert.deepEqual([operation, author], ["OPTIMIZE", "optimize"]);
    }
    const rest = versions.slice(optimized.length).reverse();
    assert.deepEqual(
      rest.map(({ operation }) => operation),
      expected.map((step) => step.operation),
    );
    assert.deepEqual(
      rest.slice(1).map(({ author, message }) => [author, message]),
      steps.map(() => ["test", "sql"]),
    );
    assert.deepEqual(
      versions.map(({ version }) => version),
      versions.map(({ version }) => version).sort((a, b) => b - a),
      "newest first",
    );
    for (const [index, { version, timestamp }] of rest.entries()) {
      assert.ok(timestamp instanceof Date);
      const times = `TIMESTAMP => '${timestamp.toISOString()}'::TIMESTAMPTZ`;
      for (const at of [`VERSION => ${version}`, times]) {
        const sql = `SELECT n, text FROM numbers AT (${at}) ORDER BY ALL`;
        assert.deepEqual(await lake.sql(sql), expected[index].rows, `${at} of step ${index}`);
      }
    }
  });
});

Deno.test("the history is that of the table of this name that is there now", async () => {
  await withLake(async (lake) => {
    const name = 'it\'s "odd"';
    const quoted = '"it\'s ""odd"""';
    await lake.createTable(name, { n: "BIGINT" });
    await commitSql(lake, `INSERT INTO ${quoted} VALUES (1)`);
    await commitSql(lake, `DROP TABLE ${quoted}`);
    await commitSql(lake, "CREATE SCHEMA elsewhere");
    await commitSql(lake, `CREATE TABLE elsewhere.${quoted} AS SELECT 1 AS n`);
    await assert.rejects(history(lake, name), (error: Error) => {
      assert.ok(error instanceof BirdsongError);
      assert.equal(error.message, `there is no table "${name}" in ${lake.folder}`);
      return true;
    });
    await lake.createTable(name, { n: "BIGINT" });
    await commitSql(lake, `INSERT INTO elsewhere.${quoted} VALUES (2)`);
    await commitSql(lake, `INSERT INTO ${quoted} FROM range(100)`);
    const operations = (await history(lake, name)).map(({ operation }) => operation);
    assert.deepEqual(operations, ["APPEND", "CREATE TABLE"]);
  });
});

Deno.test("versions that vacuum has forgotten leave the history, and the table has its version still", async () => {
  await withLake(async (lake) => {
    await lake.createTable("numbers", { n: "BIGINT" });
    for (const rows of [10, 100]) await commitSql(lake, `INSERT INTO numbers FROM range(${rows})`);
    await vacuum(lake, { retentionHours: 0, retentionDurationCheck: false });
    const version = await lake.currentVersion();
    assert.deepEqual((await history(lake, "numbers")).map((entry) => entry.version), [version]);
    await lake.createTable("others", { n: "BIGINT" });
    await vacuum(lake, { retentionHours: 0, retentionDurationCheck: false });
    assert.deepEqual(await history(lake, "numbers"), []);
    const readable = await tableVersion(lake, "numbers");
    assert.equal((await lake.table("numbers", { versionAsOf: readable })).length, 110);
  });
});
