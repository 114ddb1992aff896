import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { absoluteModelName, parseModelName } from "../../lib/sentiment/model_name.ts";
import { withFolder } from "../lakehouse/with_lake.ts";

Deno.test("a model is a folder, a URI of the registry, or a name on the hub", () => {
  const parse = (text: string) => parseModelName(text, "/base");
  for (const uri of ["models:/NAME@alias", "models:/NAME/3"]) {
    assert.deepEqual(parse(uri), { kind: "registry", uri });
  }
  assert.deepEqual(parse("owner/name"), { kind: "hub", name: "owner/name", revision: "main" });
  assert.deepEqual(parse("a-b/c.d_e@refs/pr/1"), {
    kind: "hub",
    name: "a-b/c.d_e",
    revision: "refs/pr/1",
  });
  for (const path of ["model", "./owner/name", "../x", "a/b/c", "/x/y", "a b/c", "", ".a/b"]) {
    assert.equal(parse(path).kind, "folder", path);
  }
  assert.deepEqual(parse("x"), { kind: "folder", folder: "/base/x" });
  assert.throws(() => parse("models:x"), /is no model of a registry/);
});

Deno.test("a folder that is there wins over a name on the hub", async () => {
  await withFolder((folder) => {
    mkdirSync(join(folder, "owner/name"), { recursive: true });
    assert.equal(absoluteModelName("owner/name", folder), join(folder, "owner/name"));
    assert.equal(absoluteModelName("owner/other", folder), "owner/other");
    assert.equal(absoluteModelName("models:/NAME/3", folder), "models:/NAME/3");
    return Promise.resolve();
  });
});
