import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withFolder } from "../lakehouse/with_lake.ts";
import { tweet, writeTweets } from "../tweets/tiers.ts";
import { runScript } from "./script.ts";

interface Summary {
  streams: {
    name: string;
    batches: number;
    numInputRows: number;
    numOutputRows: number;
    seconds: number;
  }[];
  tables: Record<string, { rows: number; version: number }>;
}

const nothing = { batches: 0, numInputRows: 0, numOutputRows: 0 };

/** The figures of the streams without the seconds, which differ from run to run. */
function figures({ streams }: Summary): unknown[] {
  return streams.map(({ seconds, ...figures }) => {
    assert.ok(seconds > 0);
    return figures;
  });
}

Deno.test("pipeline takes what is new from raw files to the application table", async () => {
  await withFolder(async (folder) => {
    const source = join(folder, "my tweets");
    mkdirSync(source);
    const run = async (...args: string[]): Promise<Summary> => {
      const paths = ["--source", "my tweets", "--lake", "a/lake"];
      const end = await runScript("pipeline", [...paths, "--json", ...args], { INIT_CWD: folder });
      assert.equal(end.code, 0, end.stderr);
      assert.match(end.stderr, /application_stream: \d+ rows in/);
      return JSON.parse(end.stdout);
    };
    const ask = async (query: string) => {
      const end = await runScript("sql", ["--lake", join(folder, "a/lake"), "--json", query]);
      return JSON.parse(end.stdout);
    };
    const texts = [
      "@ann @bob what a wonderful day",
      "@ann I hate it",
      "no one",
      "\u001b[2J @cy",
      "x",
    ];
    writeTweets(source, texts.map((text) => tweet({ text })), 1);
    writeFileSync(join(source, "zz.json"), "broken\n");
    const first = await run("--max-files-per-trigger", "3", "--provider", "cpu");
    assert.deepEqual(Object.keys(first), ["streams", "tables"]);
    assert.deepEqual(figures(first), [
      { name: "bronze_stream", batches: 2, numInputRows: 6, numOutputRows: 6 },
      { name: "silver_stream", batches: 1, numInputRows: 6, numOutputRows: 6 },
      { name: "gold_stream", batches: 1, numInputRows: 6, numOutputRows: 6 },
      { name: "application_stream", batches: 1, numInputRows: 6, numOutputRows: 3 },
    ]);
    const rows = ({ tables }: Summary) =>
      Object.fromEntries(Object.entries(tables).map(([name, { rows }]) => [name, rows]));
    assert.deepEqual(rows(first), { bronze: 6, silver: 6, gold: 6, application: 3 });
    assert.deepEqual(await ask("select mention, total from application order by mention"), [
      { mention: "ann", total: 2 },
      { mention: "bob", total: 1 },
      { mention: "cy", total: 1 },
    ]);

    const second = await run();
    assert.deepEqual(
      figures(second),
      first.streams.map(({ name }) => ({ name, ...nothing })),
    );
    assert.deepEqual(second.tables, first.tables, "a run without news changes no version");

    writeTweets(source, [tweet({ text: "@dee" }), tweet({ text: "@ann again" })], 1, "new");
    const third = await run();
    assert.deepEqual(rows(third), { bronze: 8, silver: 8, gold: 8, application: 4 });
    for (const [table, { version }] of Object.entries(first.tables)) {
      assert.ok(third.tables[table].version > version);
      assert.deepEqual(await ask(`select count(*) as n from ${table} AT (VERSION => ${version})`), [
        { n: first.tables[table].rows },
      ]);
    }
  });
});

Deno.test("pipeline prints a summary for people without --json, and reads its paths from the environment", async () => {
  await withFolder(async (folder) => {
    const source = join(folder, "source");
    mkdirSync(source);
    writeTweets(source, [tweet({ text: "@ann hello" })]);
    const env = { BIRDSONG_SOURCE: source, BIRDSONG_LAKE: join(folder, "lake") };
    const { code, stdout, stderr } = await runScript("pipeline", ["--provider", "cpu"], env);
    assert.equal(code, 0, stderr);
    for (const name of ["bronze_stream", "silver_stream", "gold_stream", "application_stream"]) {
      assert.ok(stdout.includes(name), name);
    }
    assert.throws(() => JSON.parse(stdout));
    assert.ok(existsSync(join(folder, "lake/catalog.sqlite")));
  });
});

Deno.test("pipeline says what is missing, and ends with 1", async () => {
  await withFolder(async (folder) => {
    const source = join(folder, "source");
    mkdirSync(source);
    writeTweets(source, [tweet({ text: "hello" })]);
    const cases: [string[], string][] = [
      [["--source", "missing"], `cannot list the source folder ${join(folder, "missing")}`],
      [["--source", "source", "--model", "missing"], join(folder, "missing")],
    ];
    for (const [args, message] of cases) {
      const end = await runScript("pipeline", ["--lake", "lake", ...args], { INIT_CWD: folder });
      assert.deepEqual([end.code, end.stdout], [1, ""], args.join(" "));
      assert.ok(end.stderr.includes(message), end.stderr);
      assert.match(end.stderr, /^pipeline: /m);
      assert.doesNotMatch(end.stderr, / {4}at /, "no stack trace for a mistake in the call");
    }
  });
});

Deno.test("pipeline refuses a provider that there is not, and ends with 2", async () => {
  const end = await runScript("pipeline", ["--provider", "abacus"], {});
  assert.equal(end.code, 2);
  assert.match(end.stderr, /--provider must be one of auto, cuda, webgpu, cpu, but is "abacus"/);
});

Deno.test("pipeline says how it is called", async () => {
  const help = await runScript("pipeline", ["--help"]);
  assert.equal(help.code, 0);
  assert.match(help.stdout, /^Usage: deno task pipeline \[options\]\n/);
  for (const option of ["--source DIR", "--lake DIR", "--max-files-per-trigger N", "--json"]) {
    assert.ok(help.stdout.includes(option), option);
  }
  const wrong = [["--wrong"], ["positional"], ["--source"], ["--max-files-per-trigger", "0"]];
  for (const args of wrong) {
    const end = await runScript("pipeline", args, { BIRDSONG_LAKE: "/nowhere" });
    assert.equal(end.code, 2, `${args.join(" ")}: ${end.stderr}`);
    assert.match(end.stderr, /^pipeline: .*\nSee: deno task pipeline --help\n$/s);
  }
});
