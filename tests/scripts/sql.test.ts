import assert from "node:assert/strict";
import { join } from "node:path";
import { Lakehouse } from "../../lib/lakehouse/lakehouse.ts";
import { commitSql, withFolder } from "../lakehouse/with_lake.ts";
import { runScript } from "./script.ts";

// Colours, a cleared screen (also as one character), a bell, text from right to left.
const hostile =
  '<b>it\'s</b>\n\u001b[2J\u001b[31mred\u0007 \u009b31m \u202edlrow\u202c\t"😀"\u0000';

/** A lake with a table of tweets in three versions; the last one is 0, 1, 2 rows further. */
async function withTweets(test: (folder: string, version: number) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const lake = await Lakehouse.open(join(folder, "my lake"));
    await lake.createTable("bronze", { text: "VARCHAR", n: "BIGINT", t: "TIMESTAMPTZ" });
    await commitSql(lake, "INSERT INTO bronze VALUES ('first', 12, '2009-04-06 22:19:45-07')");
    const version = await lake.currentVersion();
    const connection = await lake.connect();
    await lake.commit(
      connection,
      { author: "test", message: "hostile" },
      (connection) =>
        connection.run("INSERT INTO bronze VALUES ($hostile, 9007199254740993, NULL)", { hostile }),
    );
    connection.close();
    lake.close();
    await test(folder, version);
  });
}

Deno.test("sql prints an array of rows as JSON", async () => {
  await withTweets(async (folder, version) => {
    const ask = async (query: string) => {
      const end = await runScript("sql", ["--lake", join(folder, "my lake"), "--json", query]);
      assert.deepEqual([end.code, end.stderr], [0, ""]);
      // deno-lint-ignore no-control-regex
      assert.doesNotMatch(end.stdout.trimEnd(), /[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
      return JSON.parse(end.stdout);
    };
    const first = { text: "first", n: 12, t: "2009-04-07T05:19:45.000Z" };
    assert.deepEqual(await ask("FROM bronze ORDER BY n"), [
      first,
      { text: hostile, n: "9007199254740993", t: null },
    ]);
    assert.deepEqual(await ask(`select * from bronze AT (VERSION => ${version})`), [first]);
    assert.deepEqual(await ask("select * from bronze where false"), []);
  });
});

Deno.test("sql says that the tables of a Spark cluster are not in the lake that it asks", async () => {
  await withTweets(async (folder) => {
    const lake = join(folder, "my lake");
    const engine = "sc://127.0.0.1:1";
    const env = { BIRDSONG_ENGINE: engine, BIRDSONG_LAKE: lake };
    const settled = await runScript("sql", ["SELECT 1"], env);
    assert.equal(settled.code, 0, settled.stderr);
    assert.ok(settled.stderr.includes(lake) && settled.stderr.includes(engine), settled.stderr);
    // Whoever names the lake knows which one it is.
    const named = await runScript("sql", ["--lake", lake, "SELECT 1"], env);
    assert.deepEqual([named.code, named.stderr], [0, ""]);
  });
});

Deno.test("sql prints a table that hostile values cannot break", async () => {
  await withTweets(async (folder) => {
    const query = `select n, text, {'text': text} as packed, t, NULL as "${"bad\u001b[31m"}"
      from bronze order by n`;
    const end = await runScript("sql", ["--lake", "my lake", query], { INIT_CWD: folder });
    assert.deepEqual([end.code, end.stderr], [0, ""]);
    const lines = end.stdout.trimEnd().split("\n");
    assert.equal(lines.length, 3);
    for (const line of lines) {
      // deno-lint-ignore no-control-regex
      assert.doesNotMatch(line, /[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
    }
    assert.match(lines[0], /^ +n {2}text +packed +t +bad \[31m$/);
    assert.match(
      lines[1],
      /^ +12 {2}first +\{"text":"first"\} +2009-04-07T05:19:45\.000Z {2}NULL$/,
    );
    assert.match(lines[2], /^9007199254740993 {2}<b>it's<\/b> \[2J \[31mred/);
    const none = await runScript("sql", ["--lake", "my lake", "from bronze where false"], {
      INIT_CWD: folder,
    });
    assert.deepEqual([none.code, none.stdout], [0, "no rows\n"]);
    const many = await runScript("sql", ["--lake", "my lake", "from range(200000)"], {
      INIT_CWD: folder,
    });
    assert.equal(many.stdout.split("\n").at(-2), "199999");
  });
});

Deno.test("sql says what is wrong with a query, and changes nothing", async () => {
  await withTweets(async (folder) => {
    const lake = join(folder, "my lake");
    const wrong: [string, RegExp][] = [
      ["selec 1", /^sql: .*syntax error at or near "selec"/s],
      ["from golden", /^sql: .*golden does not exist/s],
      ["select text::INTEGER from bronze where n > 12", /^sql: .*Could not convert string/s],
      ["delete from bronze", /^sql: .*read-only/s],
      ["from bronze AT (VERSION => 1000000)", /^sql: .*1000000/s],
    ];
    for (const [query, message] of wrong) {
      const end = await runScript("sql", ["--lake", lake, query]);
      assert.deepEqual([end.code, end.stdout], [1, ""], query);
      assert.match(end.stderr, message);
      // deno-lint-ignore no-control-regex
      assert.doesNotMatch(end.stderr, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
      assert.doesNotMatch(end.stderr, / {4}at /, "no stack trace for a wrong query");
    }
    const opened = await Lakehouse.open(lake, { readOnly: true });
    assert.equal(await opened.count("bronze"), 2);
    opened.close();
  });
});

Deno.test("sql says where there is no lake, and makes none", async () => {
  await withFolder(async (folder) => {
    const end = await runScript("sql", ["--lake", "nothing/here", "select 1"], {
      INIT_CWD: folder,
    });
    assert.equal(end.code, 1);
    assert.ok(
      end.stderr.startsWith(`sql: no lake in ${join(folder, "nothing/here")}: `),
      end.stderr,
    );
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("sql says how it is called", async () => {
  const help = await runScript("sql", ["--help"]);
  assert.equal(help.code, 0);
  assert.match(help.stdout, /^Usage: deno task sql \[options\] "select \.\.\."/);
  for (const option of ["--lake DIR", "--json", "--help", "AT (VERSION => 7)"]) {
    assert.ok(help.stdout.includes(option), option);
  }
  for (const args of [[], ["select 1", "select 2"], ["--wrong", "select 1"], ["--lake"]]) {
    const end = await runScript("sql", args);
    assert.equal(end.code, 2, args.join(" "));
    assert.match(end.stderr, /^sql: .*\nSee: deno task sql --help\n$/s);
    assert.equal(end.stdout, "");
  }
});
