import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { BirdsongError } from "../../../lib/errors.ts";
import { identifier, type Schema } from "../../../lib/lakehouse/sql_text.ts";
import { clearPreviousRun } from "../../../lib/streaming/processes/clear.ts";
import type { SchemaEvolutionMode } from "../../../lib/streaming/sources/schema_evolution.ts";
import { Session } from "../../../lib/streaming/session.ts";
import type { StreamingQuery } from "../../../lib/streaming/streaming_query.ts";
import type { Transform } from "../../../lib/streaming/transform.ts";
import { withFolder } from "../../lakehouse/with_lake.ts";
import { batchesOf, rawBird, withSession, writeLines } from "../with_session.ts";

/** Names and rescued data of birds, with whatever columns the source finds. */
function birdsWith(added: Schema): Transform {
  const columns = ["", ...Object.keys(added).map(identifier)].join(", ");
  return {
    schema: { name: "VARCHAR", file: "VARCHAR", rescued: "VARCHAR", ...added },
    apply: ({ relation }) =>
      `SELECT name, _metadata.file, _rescued_data AS rescued ${columns} FROM ${relation}`,
    withColumns: birdsWith,
  };
}

/** Takes what is new in a folder into the table "birds". */
async function take(
  session: Session,
  source: string,
  schemaEvolutionMode: SchemaEvolutionMode,
  options: { schema?: Schema; mergeSchema?: boolean } = {},
): Promise<StreamingQuery> {
  const { schema = rawBird, mergeSchema = true } = options;
  const query = await session.readStream.schema(schema).options({ schemaEvolutionMode })
    .json(source).transform(birdsWith({})).writeStream.queryName("birds_stream")
    .options({ mergeSchema }).trigger({ availableNow: true }).toTable("birds");
  await query.awaitTermination();
  return query;
}

/** The birds without their files and what is NULL. */
async function birdsIn(session: Session): Promise<Record<string, unknown>[]> {
  const rows = await session.sql("SELECT * EXCLUDE file FROM birds ORDER BY file, name");
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))
  );
}

async function failure(run: Promise<unknown>): Promise<BirdsongError> {
  const error = await run.then(() => undefined, (error) => error);
  assert.ok(error instanceof BirdsongError, String(error));
  return error;
}

Deno.test("addNewColumns fails naming the new columns, and goes on with them when started again", async () => {
  await withFolder(async (folder) => {
    const source = join(folder, "source");
    const inSession = async (test: (session: Session) => Promise<void>) => {
      const session = await Session.open(join(folder, "lake"));
      await test(session).finally(() => session.close());
    };
    await inSession(async (session) => {
      writeLines(source, "a.json", { name: "wren" });
      await take(session, source, "addNewColumns");
      writeLines(source, "b.json", { name: "owl" }, { name: "tit", lang: "en", eggs: 3 });
      const error = await failure(take(session, source, "addNewColumns"));
      assert.equal(
        error.message,
        'birds_stream has found new columns: "lang" (VARCHAR, first in "b.json", line 2), ' +
          '"eggs" (BIGINT, first in "b.json", line 2). They have been added to its schema: start it ' +
          "again, and it goes on with them (its table takes them with the option mergeSchema).",
      );
      assert.equal(error.retriable, true);
      assert.deepEqual(await birdsIn(session), [{ name: "wren" }], "nothing is written");
    });
    await inSession(async (session) => {
      const query = await take(session, source, "addNewColumns");
      assert.deepEqual(batchesOf(query), [{ batchId: 1, in: 2, out: 2 }]);
      assert.equal(query.lastProgress!.observedMetrics.rescuedRecords, 0);
      assert.deepEqual(await birdsIn(session), [
        { name: "wren" },
        { name: "owl" },
        { name: "tit", lang: "en", eggs: 3 },
      ]);
      writeLines(source, "c.json", { name: "jay", eggs: "many", rare: true });
      const error = await failure(take(session, source, "addNewColumns"));
      assert.match(error.message, /new columns: "rare" \(BOOLEAN, first in "c\.json", line 1\)\./);
      await take(session, source, "addNewColumns");
      assert.deepEqual((await birdsIn(session)).at(-1), {
        name: "jay",
        rare: true,
        rescued: '{"eggs":"many"}',
      }, "existing columns keep their type");
      assert.deepEqual(await session.lake.tableSchema("birds"), {
        ...birdsWith({}).schema,
        lang: "VARCHAR",
        eggs: "BIGINT",
        rare: "BOOLEAN",
      });
    });
  });
});

Deno.test("a new column has the type of the values found", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", {
      number: 1,
      mixed: "a",
      later: null,
      nested: { a: 1 },
      list: [],
    });
    writeLines(source, "b.json", { number: 1.5, mixed: true, later: null });
    await failure(take(session, source, "addNewColumns"));
    await take(session, source, "addNewColumns");
    assert.deepEqual(await birdsIn(session), [
      { number: 1, mixed: "a", rescued: '{"later":null,"nested":{"a":1},"list":[]}' },
      { number: 1.5, rescued: '{"mixed":true,"later":null}' },
    ]);
    // A column waits for its first value.
    writeLines(source, "c.json", { later: false });
    await failure(take(session, source, "addNewColumns"));
    await take(session, source, "addNewColumns");
    assert.deepEqual((await birdsIn(session)).at(-1), { later: false });
  });
});

Deno.test("without mergeSchema, new columns do not reach the table, and nothing is lost", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren" });
    const fixed = { mergeSchema: false };
    await take(session, source, "addNewColumns", fixed);
    writeLines(source, "b.json", { name: "owl", lang: "en" });
    await failure(take(session, source, "addNewColumns", fixed));
    const { message } = await failure(take(session, source, "addNewColumns", fixed));
    assert.match(
      message,
      /columns that the table "birds" does not have: lang\. Set .* mergeSchema/,
    );
    await take(session, source, "rescue", fixed);
    assert.deepEqual(await birdsIn(session), [{ name: "wren" }, {
      name: "owl",
      rescued: '{"lang":"en"}',
    }]);
  });
});

Deno.test("names that cannot be columns are rescued, all others can", async () => {
  const taken = [
    "NAME",
    "Songs",
    "_metadata",
    "_Rescued_Data",
    "_corrupt_record",
    "_file",
    "_LINE",
  ];
  const impossible = ["", "new\nline", "\u0000", "\ud83d", "File", "rescued", "LANG", "__proto__"];
  const possible = ["lang", `it's "x"`, "ünï 😀", "a.b", "select", "constructor", "x".repeat(200)];
  await withSession(async (session, source) => {
    const fields = Object.fromEntries(
      [...possible, ...taken, ...impossible].map((name, index) => [name, index]),
    );
    writeLines(source, "a.json", fields);
    const { message } = await failure(take(session, source, "addNewColumns"));
    for (const name of possible) assert.ok(message.includes(JSON.stringify(name)), name);
    assert.equal(message.split("first in").length - 1, possible.length);
    await take(session, source, "addNewColumns");
    const [row] = await session.table("birds");
    for (const [index, name] of possible.entries()) assert.equal(row[name], index, name);
    assert.deepEqual(
      JSON.parse(row.rescued),
      Object.fromEntries(
        // Half a surrogate pair stands there as its escape.
        [...taken, ...impossible].map((name) => [name.replace("\ud83d", "\\ud83d"), fields[name]]),
      ),
    );
  });
});

Deno.test("a column that is given later is no new one any more", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren", lang: "en" });
    await failure(take(session, source, "addNewColumns"));
    const given = { ...rawBird, Lang: "VARCHAR" };
    await take(session, source, "addNewColumns", { schema: given });
    assert.deepEqual(await birdsIn(session), [{ name: "wren", rescued: '{"lang":"en"}' }]);
  });
});

Deno.test("clearing the previous run forgets the columns that were added", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren", lang: "en" });
    await failure(take(session, source, "addNewColumns"));
    await clearPreviousRun(session, ["birds"]);
    assert.match((await failure(take(session, source, "addNewColumns"))).message, /new columns/);
  });
});

Deno.test("addNewColumns refuses a transform that would drop new columns", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren" });
    const { withColumns: _, ...fixed } = birdsWith({});
    await assert.rejects(
      session.readStream.schema(rawBird).options({ schemaEvolutionMode: "addNewColumns" })
        .json(source).transform(fixed).writeStream.queryName("birds_stream")
        .trigger({ availableNow: true }).toTable("birds"),
      /"addNewColumns" needs a transform that takes new columns on: give it withColumns/,
    );
  });
});

Deno.test("failOnNewColumns fails until the schema has the column or the file is gone", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren" });
    writeLines(source, "it's.json", { name: "owl" }, { name: "tit", "the lang": null });
    writeLines(source, "z.json", { name: "jay", Name: "case", songs: "x", eggs: { in: "nest" } });
    for (const _ of [1, 2]) {
      const error = await failure(take(session, source, "failOnNewColumns"));
      assert.equal(
        error.message,
        `"it's.json", line 2: the schema has no column "the lang". Add it to the schema, move the ` +
          "file out of the source folder, or choose another schemaEvolutionMode.",
      );
      assert.deepEqual(error.context, { file: "it's.json", line: 2, column: "the lang" });
      assert.deepEqual(await birdsIn(session), []);
    }
    rmSync(join(source, "it's.json"));
    const { message } = await failure(take(session, source, "failOnNewColumns"));
    assert.match(message, /^"z\.json", line 1: the schema has no column "eggs"/);
    const schema = { ...rawBird, eggs: "VARCHAR" };
    await take(session, source, "failOnNewColumns", { schema });
    assert.deepEqual(await birdsIn(session), [
      { name: "wren" },
      { name: "jay", rescued: '{"songs":"x","eggs":{"in":"nest"},"Name":"case"}' },
    ]);
  });
});

Deno.test("none ignores unknown fields and counts them; other types are rescued all the same", async () => {
  await withSession(async (session, source) => {
    writeLines(source, "a.json", { name: "wren", lang: "en", Name: 1 }, { name: 7, _line: 1 });
    const query = await take(session, source, "none");
    assert.deepEqual(await birdsIn(session), [{ name: "wren" }, { rescued: '{"name":7}' }]);
    assert.deepEqual(query.lastProgress!.observedMetrics, {
      corruptRecords: 0,
      rescuedRecords: 1,
      ignoredFields: 3,
    });
  });
});

Deno.test("where names are data, rescue keeps them and addNewColumns says that they are too many", async () => {
  await withSession(async (session, source) => {
    const names = Array.from({ length: 10_000 }, (_, n) => `day ${n}`);
    writeLines(source, "a.json", Object.fromEntries(names.map((name) => [name, 1])));
    const { message } = await failure(take(session, source, "addNewColumns"));
    assert.match(
      message,
      /^"a\.json", line 1: with "day 998" there would be more than 1000 columns.*"rescue"/,
    );
    assert.deepEqual(await session.sql("FROM checkpoint.columns"), []);
    await take(session, source, "rescue");
    const [{ rescued }] = await session.table("birds");
    assert.deepEqual(Object.keys(JSON.parse(rescued)), names);
  });
});

Deno.test("a message about many new columns names the first ones", async () => {
  await withSession(async (session, source) => {
    writeLines(
      source,
      "a.json",
      Object.fromEntries(Array.from("abcdefghijkl", (name) => [name, 1])),
    );
    const { message } = await failure(take(session, source, "addNewColumns"));
    assert.match(message, /"j" \(BIGINT, first in "a\.json", line 1\) and 2 more\./);
    await take(session, source, "addNewColumns");
    assert.equal((await session.table("birds"))[0].l, 1);
  });
});
