import assert from "node:assert/strict";
import { BirdsongError } from "../../lib/errors.ts";
import { appendRows } from "../../lib/spark/append_rows.ts";

const table = { name: "notes", columns: "text STRING" };

/** A database with the table or without; it refuses rows with the text "refused". */
class Database {
  readonly statements: string[] = [];
  rows: unknown[] | undefined;

  sql<R>(query: string, parameters?: Readonly<Record<string, unknown>>): Promise<R[]> {
    const [statement] = query.split(" ");
    this.statements.push(statement);
    if (statement === "CREATE") this.rows ??= [];
    else if (!this.rows) return this.#fail("TABLE_OR_VIEW_NOT_FOUND");
    else if (parameters!.text === "refused") return this.#fail("DELTA_CONCURRENT_APPEND");
    else this.rows.push(parameters!.text);
    return Promise.resolve([]);
  }

  append(text: string): Promise<void> {
    return appendRows(this, table, "($text)", { text });
  }

  #fail(errorClass: string): Promise<never> {
    return Promise.reject(new BirdsongError(errorClass, { context: { errorClass } }));
  }
}

Deno.test("the first append makes the table, and those after it are one statement each", async () => {
  const database = new Database();
  await database.append("one");
  assert.deepEqual(database.statements.splice(0), ["INSERT", "CREATE", "INSERT"]);
  await database.append("two");
  assert.deepEqual(database.statements, ["INSERT"]);
  assert.deepEqual(database.rows, ["one", "two"]);
});

Deno.test("a table that was dropped meanwhile, by whatever session, comes back", async () => {
  const database = new Database();
  await database.append("one");
  database.rows = undefined;
  await database.append("two");
  assert.deepEqual(database.rows, ["two"]);
});

Deno.test("an append that fails for another reason is not tried again", async () => {
  const database = new Database();
  await database.append("one");
  await assert.rejects(database.append("refused"), /DELTA_CONCURRENT_APPEND/);
  assert.deepEqual(database.rows, ["one"]);
  assert.deepEqual(database.statements.slice(3), ["INSERT"]);
});
