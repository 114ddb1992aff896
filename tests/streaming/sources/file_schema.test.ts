import assert from "node:assert/strict";
import { checkFileSchema } from "../../../lib/streaming/sources/file_schema.ts";
import { withSession } from "../with_session.ts";

Deno.test("a column type that JSON has no value for is refused", () => {
  for (const type of ["TIMESTAMP", "STRING", "varchar", "constructor"]) {
    assert.throws(
      () => checkFileSchema({ date: type }),
      /column "date" must have one of the types VARCHAR/,
    );
  }
  checkFileSchema({ a: "VARCHAR", b: "BIGINT", c: "DOUBLE", d: "BOOLEAN" });
});

Deno.test("a column name that is the source's own, or differs only in case, is refused", () => {
  for (const name of ["_metadata", "_rescued_data", "_Corrupt_Record", "_file", "_LINE", "name"]) {
    assert.throws(
      () => checkFileSchema({ Name: "VARCHAR", [name]: "VARCHAR" }),
      new RegExp(`no column of the files can be called "${name}"`),
    );
  }
});

Deno.test("a schema that is refused is refused at the reader", async () => {
  await withSession((session, source) => {
    assert.throws(
      () => session.readStream.schema({ _metadata: "VARCHAR" }).json(source),
      /no column of the files can be called "_metadata"/,
    );
    assert.throws(
      () => session.readStream.options({ schemaEvolutionMode: "merge" as "none" }),
      /^BirdsongError: schemaEvolutionMode must be one of rescue, addNewColumns, failOnNewColumns, none, but is merge$/,
    );
    return Promise.resolve();
  });
});
