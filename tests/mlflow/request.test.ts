import assert from "node:assert/strict";
import { MlflowClient } from "../../lib/mlflow/client.ts";
import { request } from "../../lib/mlflow/request.ts";
import { withAnswers } from "./answers.ts";

Deno.test("request() asks a busy server again", async () => {
  await withAnswers([[503, "busy"], [200, "done"]], async (uri, count) => {
    assert.equal(new TextDecoder().decode(await request(uri, { path: "/" })), "done");
    assert.equal(count(), 2);
  });
});

Deno.test("request() does not repeat what the server refuses", async () => {
  const refusal = JSON.stringify({ error_code: "INVALID_PARAMETER_VALUE", message: "bad name" });
  await withAnswers([[400, refusal]], async (uri, count) => {
    await assert.rejects(request(uri, { path: "/x" }), /answered 400 to GET \/x: bad name/);
    assert.equal(count(), 1);
  });
});

Deno.test("request() to a server that is gone says so", async () => {
  let gone = "";
  await withAnswers([[200, ""]], (uri) => {
    gone = uri;
    return Promise.resolve();
  });
  await assert.rejects(request(gone, { path: "/" }), /does not answer .*deno task mlflow --status/);
});

Deno.test("a program that is no MLflow server is named", async () => {
  await withAnswers([[200, "<html>Sign in</html>"]], async (uri) => {
    const client = new MlflowClient(uri);
    const no =
      /^what answers at http.* is no MLflow server: it has no JSON for \/api\/2\.0.*sign in$/;
    await assert.rejects(client.getRegisteredModel("x"), { name: "BirdsongError", message: no });
    await assert.rejects(client.listArtifacts("mlflow-artifacts:/1"), { message: no });
  });
  await withAnswers([[404, "null"]], async (uri, count) => {
    await assert.rejects(request(uri, { path: "/x" }), /answered 404 to GET \/x: no reason given/);
    assert.equal(count(), 1);
  });
});

Deno.test("a server is told who asks, as MLflow's own clients tell it", async () => {
  const seen: (string | null)[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (asked) => {
    seen.push(asked.headers.get("authorization"));
    return new Response("{}");
  });
  const uri = `http://127.0.0.1:${server.addr.port}`;
  const names = ["USERNAME", "PASSWORD", "TOKEN"].map((name) => `MLFLOW_TRACKING_${name}`);
  const ask = async (...values: string[]) => {
    values.forEach((value, index) => Deno.env.set(names[index], value));
    await request(uri, { path: "/x", method: "POST", json: {} });
  };
  try {
    await ask();
    await ask("", "", "abc");
    await ask("ann", "p:ä", "abc");
    // Base64 of "ann:p:ä" in UTF-8.
    assert.deepEqual(seen, [null, "Bearer abc", "Basic YW5uOnA6w6Q="]);
  } finally {
    for (const name of names) Deno.env.delete(name);
    await server.shutdown();
  }
});

Deno.test("a token that no header can carry is refused at once, and not repeated", async () => {
  Deno.env.set("MLFLOW_TRACKING_TOKEN", "pssst\npssst");
  try {
    await withAnswers([[200, "{}"]], async (uri, count) => {
      await assert.rejects(request(uri, { path: "/x" }), ({ name, message }: Error) => {
        assert.equal(name, "BirdsongError");
        assert.match(message, /^MLFLOW_TRACKING_TOKEN must be a token .* in one line/);
        assert.doesNotMatch(message, /pssst/);
        return true;
      });
      assert.equal(count(), 0);
    });
  } finally {
    Deno.env.delete("MLFLOW_TRACKING_TOKEN");
  }
});

Deno.test("listArtifacts() refuses names that lead out of the folder", async () => {
  for (const path of ["..", "../evil", "/etc/passwd", "a\\b", ""]) {
    const body = JSON.stringify({ files: [{ path, is_dir: false, file_size: 1 }] });
    await withAnswers([[200, body]], async (uri) => {
      const client = new MlflowClient(uri);
      await assert.rejects(client.listArtifacts("mlflow-artifacts:/1/model"), /unsafe name/);
    });
  }
});

Deno.test("artifacts that the server does not serve are named", async () => {
  const client = new MlflowClient("http://127.0.0.1:1");
  await assert.rejects(
    client.listArtifacts("s3://bucket/1"),
    /s3:\/\/bucket\/1 .*--serve-artifacts/,
  );
});
