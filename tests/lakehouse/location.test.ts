import { DuckDBInstance } from "@duckdb/node-api";
import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BirdsongError } from "../../lib/errors.ts";
import { Connection } from "../../lib/lakehouse/connection.ts";
import { loadStatement } from "../../lib/lakehouse/extensions.ts";
import { Lakehouse } from "../../lib/lakehouse/lakehouse.ts";
import { locateLake, noteLocation } from "../../lib/lakehouse/location.ts";
import { allowObjectStorage } from "../../lib/lakehouse/object_storage.ts";
import { withFolder } from "./with_lake.ts";

const elsewhere = { catalog: "postgres:dbname=lake", storage: "s3://bucket/a lake" };

Deno.test("all of a lake is in its folder, unless it is said to be elsewhere", async () => {
  await withFolder((folder) => {
    const file = join(folder, "catalog.sqlite");
    assert.deepEqual(locateLake(folder, { catalog: null, storage: "" }), {
      folder,
      catalogFile: file,
      catalog: `sqlite:${file}`,
      dataPath: join(folder, "data"),
    });
    assert.deepEqual(locateLake(folder, { ...elsewhere, storage: "s3://bucket/a lake//" }), {
      folder,
      catalogFile: undefined,
      catalog: "postgres:dbname=lake",
      dataPath: "s3://bucket/a lake",
    });
    return Promise.resolve();
  });
});

Deno.test("what was said once is noted in the folder, and nothing else is taken", async () => {
  await withFolder((folder) => {
    noteLocation(locateLake(folder));
    assert.ok(!existsSync(join(folder, "location.json")), "there is nothing to note");
    const location = locateLake(folder, elsewhere);
    noteLocation(location);
    assert.deepEqual(locateLake(folder), location);
    assert.deepEqual(locateLake(folder, elsewhere), location);
    assert.throws(() => locateLake(folder, { storage: "s3://other" }), {
      message: `the lake in ${folder} has its storage in s3://bucket/a lake, not in s3://other: ` +
        "name another folder for another lake (BIRDSONG_LAKE or --lake)",
    });
    return Promise.resolve();
  });
});

Deno.test("a lake with a catalog in its folder gets no other one", async () => {
  await withFolder((folder) => {
    writeFileSync(join(folder, "catalog.sqlite"), "");
    assert.throws(() => locateLake(folder, elsewhere), /has its catalog in .*catalog\.sqlite, not/);
    return Promise.resolve();
  });
});

Deno.test("a catalog or a storage that is none is refused", async () => {
  await withFolder(async (folder) => {
    for (
      const [options, message] of [
        [{ catalog: "mysql:x" }, /^catalog must be a database such as .*, but is "mysql:x"$/],
        [
          { catalog: "postgres:password=pssst" },
          /^the catalog .* must not hold a password: put it/,
        ],
        [
          { storage: "gs://x" },
          /^storage must be an object storage such as .*, but is "gs:\/\/x"$/,
        ],
      ] as const
    ) {
      await assert.rejects(Lakehouse.open(folder, options), (error: Error) => {
        assert.ok(error instanceof BirdsongError);
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /pssst/);
        return true;
      });
    }
  });
});

Deno.test("a catalog's server that does not answer is named, with what to do", async () => {
  await withFolder(async (folder) => {
    mkdirSync(join(folder, "no server"));
    const catalog = `postgres:dbname=lake host=${join(folder, "no server").replaceAll(" ", "\\ ")}`;
    await assert.rejects(
      Lakehouse.open(join(folder, "lake"), { catalog }),
      ({ message }: Error) => {
        assert.match(
          message,
          /the catalog postgres:dbname=lake .* cannot be reached\. See that its/,
        );
        return true;
      },
    );
    assert.ok(!existsSync(join(folder, "lake", "location.json")), "noted before it was opened");
  });
});

const keys = { AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "pss'st" };

/** The secret that DuckDB keeps for these variables of the environment. */
async function secretOf(environment: Record<string, string>): Promise<string> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = new Connection(await instance.connect());
  try {
    const { version } = (await connection.row("SELECT version() AS version"))!;
    await connection.run(loadStatement("httpfs", version));
    await allowObjectStorage(connection, "s3://bucket/x", environment);
    const [{ secret_string }] = await connection.rows("FROM duckdb_secrets()");
    return secret_string;
  } finally {
    connection.close();
    instance.closeSync();
  }
}

Deno.test("credentials, region and endpoint of an object storage come from AWS's variables", async () => {
  const amazon = await secretOf({ ...keys, AWS_DEFAULT_REGION: "eu-north-1" });
  assert.match(amazon, /key_id=key;region=eu-north-1;secret=redacted/);
  assert.match(amazon, /scope=s3:\/\/bucket\/x;/);
  assert.doesNotMatch(amazon, /127/);
  const own = await secretOf({
    ...keys,
    AWS_REGION: "here",
    AWS_SESSION_TOKEN: "token",
    AWS_ENDPOINT_URL: "https://elsewhere.example",
    AWS_ENDPOINT_URL_S3: "http://127.0.0.1:9000/",
  });
  assert.match(own, /endpoint=127\.0\.0\.1:9000;/);
  assert.match(own, /region=here;.*session_token=redacted;url_style=path;use_ssl=false/);
  const encrypted = await secretOf({ ...keys, AWS_ENDPOINT_URL: "https://s3.example/path" });
  assert.match(encrypted, /endpoint=s3\.example\/path;.*url_style=path;use_ssl=true/);
});

Deno.test("an object storage without credentials, or beyond this machine without encryption, is refused", async () => {
  await assert.rejects(
    secretOf({}),
    /s3:\/\/bucket\/x needs credentials: set AWS_ACCESS_KEY_ID and/,
  );
  for (const address of ["http://s3.example", "http://127.0.0.1.example", "ftp://x", "localhost"]) {
    await assert.rejects(
      secretOf({ ...keys, AWS_ENDPOINT_URL_S3: address }),
      /must begin with https:\/\/, or with http:\/\/ on this machine$/,
    );
  }
});
