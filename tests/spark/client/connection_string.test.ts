import assert from "node:assert/strict";
import { parseConnectionString, serverName } from "../../../lib/spark/client/connection_string.ts";

Deno.test("a connection string names a host; its port is 15002", () => {
  const { host, port, useSsl, token } = parseConnectionString("sc://spark.example.org");
  assert.deepEqual({ host, port, useSsl, token }, {
    host: "spark.example.org",
    port: 15_002,
    useSsl: false,
    token: undefined,
  });
});

Deno.test("all parameters of Spark's clients are read, others become headers", () => {
  const id = "00112233-4455-6677-8899-aabbccddeeff";
  const text = `sc://[::1]:9/;use_ssl=true;token=a%3Bb;user_id=ann;session_id=${id};` +
    "user_agent=x;x-databricks-cluster-id=7";
  const connection = parseConnectionString(text);
  assert.deepEqual(connection, {
    host: "::1",
    port: 9,
    useSsl: true,
    token: "a;b",
    userId: "ann",
    sessionId: id,
    userAgent: "x",
    headers: { "x-databricks-cluster-id": "7" },
  });
  assert.equal(serverName(connection), "sc://[::1]:9");
});

Deno.test("a token goes encrypted, but on this machine or where use_ssl says otherwise", () => {
  const useSsl = (text: string) => parseConnectionString(text).useSsl;
  assert.equal(useSsl("sc://spark.example.org/;token=a"), true);
  assert.equal(useSsl("sc://127.0.0.1/;token=a"), false);
  assert.equal(useSsl("sc://127.0.0.1.example.org/;token=a"), true);
  assert.equal(useSsl("sc://spark.example.org/;token=a;use_ssl=false"), false);
});

Deno.test("a token may stand in the environment, where Spark's clients look for it", () => {
  const environment = { SPARK_CONNECT_AUTHENTICATE_TOKEN: "secret" };
  assert.equal(parseConnectionString("sc://localhost", environment).token, "secret");
  assert.equal(parseConnectionString("sc://localhost/;token=own", environment).token, "own");
  // As a file that ends with a newline gives it.
  environment.SPARK_CONNECT_AUTHENTICATE_TOKEN = "secret\n";
  assert.equal(parseConnectionString("sc://localhost", environment).token, "secret");
});

Deno.test("what is no connection string is refused with what is wrong, but without its token", () => {
  for (
    const [text, reason] of [
      ["localhost:15002", /must be sc:\/\/host:15002/],
      ["sc://", /must be sc:\/\/host:15002/],
      ["sc://a b", /must name a host and a port/],
      ["sc://host:99999", /a port from 1 to 65535/],
      ["sc://host/path", /has no ";" after the "\/"/],
      ["sc://host/token=s3cret", /has no ";" after the "\/"/],
      ["sc://ann:s3cret@host", /must name a host and a port .* but has "\.\.\.@host"/],
      ["sc://host/;token=s3cret%0Ax", /a token of printable ASCII characters/],
      ["sc://host/;use_ssl=maybe;token=s3cret", /true or false for use_ssl/],
      ["sc://host/;token=%E0%A4%A", /URL-encoded value for "token"/],
      ["sc://host/;s3cret", /must have name=value/],
      ["sc://host/;session_id=7", /must have a UUID/],
    ] as const
  ) {
    assert.throws(() => parseConnectionString(text), (error: Error) => {
      assert.match(error.message, reason);
      assert.doesNotMatch(error.message, /s3cret/);
      return true;
    });
  }
});
