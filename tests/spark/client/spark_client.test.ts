import assert from "node:assert/strict";
import { status } from "@grpc/grpc-js";
import { BirdsongError } from "../../../lib/errors.ts";
import { type RetryPolicy } from "../../../lib/spark/client/retry.ts";
import { SparkClient } from "../../../lib/spark/client/spark_client.ts";
import { complete, numberBatch, numbers, retryLater, sparkFailure, sqlResult } from "./answers.ts";
import {
  type Answers,
  Failure,
  type Handlers,
  serverSideSessionId,
  withConnectServer,
} from "./connect_server.ts";

const policy: RetryPolicy = {
  maxRetries: 3,
  initialBackoff: 1,
  maxBackoff: 1,
  backoffMultiplier: 1,
  jitter: 0,
  minJitterThreshold: 1000,
};

/** A client of a server that answers every SQL command at once, and rows as `handlers` say. */
async function withClient(
  handlers: Omit<Handlers, "executePlan"> & { rows: () => Answers },
  action: (client: SparkClient) => Promise<void>,
): Promise<void> {
  await withConnectServer({
    ...handlers,
    executePlan: ({ plan }) =>
      plan?.opType.case === "command"
        ? [sqlResult("command", "SELECT n"), complete("end")]
        : handlers.rows(),
  }, async (address) => {
    const client = await SparkClient.connect(address, { policy, environment: {} });
    try {
      await action(client);
    } finally {
      await client.close();
    }
  });
}

Deno.test("sql() gives the rows of all Arrow batches", async () => {
  const rows = () => [numbers("1", 1, 2), numbers("2", 3), complete("3")];
  await withClient({ rows }, async (client) => {
    assert.deepEqual(await client.sql("SELECT n"), [{ n: 1 }, { n: 2 }, { n: 3 }]);
  });
});

Deno.test("an Arrow batch may have any number of rows", async () => {
  const n = Int32Array.from({ length: 300_000 }, (_, index) => index);
  await withClient({ rows: () => [numberBatch("1", n), complete("2")] }, async (client) => {
    const rows = await client.sql("SELECT n");
    assert.deepEqual([rows.length, rows.at(-1)], [n.length, { n: n.at(-1) }]);
  });
});

Deno.test("a query goes on behind the last row it has where its connection breaks", async () => {
  const asked: (string | undefined)[] = [];
  await withClient({
    *rows() {
      yield numbers("1", 1);
      throw new Failure(status.UNAVAILABLE, "connection reset");
    },
    *reattachExecute({ lastResponseId }) {
      asked.push(lastResponseId);
      if (asked.length === 1) throw new Failure(status.UNAVAILABLE, "still down");
      yield numbers("2", 2);
      yield complete("3");
    },
  }, async (client) => {
    assert.deepEqual(await client.sql("SELECT n"), [{ n: 1 }, { n: 2 }]);
    assert.deepEqual(asked, ["1", "1"]);
  });
});

Deno.test("a stream of answers that ends without a last one is gone on with", async () => {
  let reattached = 0;
  await withClient({
    rows: () => [numbers("1", 1)],
    reattachExecute() {
      reattached++;
      return [numbers("2", 2), complete("3")];
    },
  }, async (client) => {
    assert.deepEqual(await client.sql("SELECT n"), [{ n: 1 }, { n: 2 }]);
    assert.equal(reattached, 1);
  });
});

Deno.test("a long query may be attached to more often than a call is tried again", async () => {
  let reattached = 0;
  await withClient({
    rows: () => [],
    reattachExecute() {
      reattached++;
      return reattached <= 2 * policy.maxRetries ? [] : [numbers("1", 1), complete("2")];
    },
  }, async (client) => assert.deepEqual(await client.sql("SELECT n"), [{ n: 1 }]));
});

Deno.test("a plan that has not reached the server is sent again", async () => {
  let sent = 0;
  await withClient({
    *rows() {
      if (++sent === 1) throw new Failure(status.UNAVAILABLE, "connection reset");
      yield numbers("1", 7);
      yield complete("2");
    },
    // deno-lint-ignore require-yield
    *reattachExecute() {
      throw new Failure(status.INTERNAL, "[INVALID_HANDLE.OPERATION_NOT_FOUND] no such operation");
    },
  }, async (client) => {
    assert.deepEqual(await client.sql("SELECT n"), [{ n: 7 }]);
    assert.equal(sent, 2);
  });
});

Deno.test("a query is not run a second time where the server has lost its result", async () => {
  let sent = 0;
  await withClient({
    *rows() {
      sent++;
      yield numbers("1", 1);
      throw new Failure(status.UNAVAILABLE, "connection reset");
    },
    // deno-lint-ignore require-yield
    *reattachExecute() {
      throw new Failure(status.INTERNAL, "[INVALID_HANDLE.SESSION_NOT_FOUND] no such session");
    },
  }, async (client) => {
    await assert.rejects(client.sql("SELECT n"), /restarted in the middle of a query/);
    assert.equal(sent, 1);
  });
});

Deno.test("a command is not run in the new session of a server that was restarted", async () => {
  const observed: (string | undefined)[] = [];
  await withConnectServer({
    // deno-lint-ignore require-yield
    *executePlan({ clientObservedServerSideSessionId }) {
      observed.push(clientObservedServerSideSessionId);
      if (observed.length === 1) throw new Failure(status.UNAVAILABLE, "connection reset");
      throw new Failure(status.INTERNAL, "[INVALID_HANDLE.SESSION_CHANGED] server has restarted");
    },
    // deno-lint-ignore require-yield
    *reattachExecute({ clientObservedServerSideSessionId }) {
      observed.push(clientObservedServerSideSessionId);
      throw new Failure(status.INTERNAL, "[INVALID_HANDLE.SESSION_NOT_FOUND] no such session");
    },
  }, async (address) => {
    const client = await SparkClient.connect(address, { policy, environment: {} });
    await assert.rejects(client.sql("MERGE INTO t"), /restarted.*Open the session again/s);
    assert.deepEqual(observed, Array(3).fill(serverSideSessionId));
    await client.close();
  });
});

Deno.test("what has been read is released, and in the end everything", async () => {
  const released: (string | undefined)[] = [];
  const allReleased = Promise.withResolvers<void>();
  await withClient({
    rows: () => [numbers("1", 1), complete("2")],
    releaseExecute({ release }) {
      released.push(release.case === "releaseUntil" ? release.value.responseId : release.case);
      // One for the command, one for its rows.
      if (released.filter((what) => what === "releaseAll").length === 2) allReleased.resolve();
    },
  }, async (client) => {
    await client.sql("SELECT n");
    await allReleased.promise;
    assert.deepEqual(released.toSorted(), ["1", "command", "releaseAll", "releaseAll"]);
  });
});

Deno.test("a signal stops the query on the server, and its reason is thrown", async () => {
  const interrupted = Promise.withResolvers<void>();
  const controller = new AbortController();
  let asked = 0;
  await withClient({
    async *rows() {
      controller.abort(new Error("enough"));
      await interrupted.promise;
      yield* [];
      throw new Failure(status.CANCELLED, "[OPERATION_CANCELED] Operation has been canceled.");
    },
    // The first one may come before the operation is known.
    interrupt: () => void (++asked === 2 && interrupted.resolve()),
  }, async (client) => {
    await assert.rejects(client.sql("SELECT n", { signal: controller.signal }), /^Error: enough$/);
  });
});

Deno.test("Spark's errors come with their class, SQL state and whole message", async () => {
  await withClient({
    // deno-lint-ignore require-yield
    *rows() {
      throw sparkFailure("[DIVIDE_BY_ZERO] Division by ze...", {
        errorClass: "DIVIDE_BY_ZERO",
        sqlState: "22012",
        errorId: "e1",
      });
    },
    fetchErrorDetails({ errorId }) {
      const message = `[DIVIDE_BY_ZERO] Division by zero (${errorId}).`;
      return { rootErrorIdx: 0, errors: [{ message }] };
    },
  }, async (client) => {
    await assert.rejects(client.sql("SELECT 1 / 0"), (error) => {
      assert(error instanceof BirdsongError);
      assert.equal(error.message, "[DIVIDE_BY_ZERO] Division by zero (e1).");
      assert.equal(error.context.errorClass, "DIVIDE_BY_ZERO");
      assert.equal(error.context.sqlState, "22012");
      return true;
    });
  });
});

Deno.test("Spark's errors are not tried again", async () => {
  let sent = 0;
  await withClient({
    // deno-lint-ignore require-yield
    *rows() {
      sent++;
      throw sparkFailure("[TABLE_OR_VIEW_NOT_FOUND] no table", {});
    },
  }, async (client) => {
    await assert.rejects(client.sql("FROM nix"), {
      message: "[TABLE_OR_VIEW_NOT_FOUND] no table",
      context: {
        server: client.server,
        grpcStatus: "INTERNAL",
        errorClass: "TABLE_OR_VIEW_NOT_FOUND",
      },
    });
    assert.equal(sent, 1);
  });
});

Deno.test("a server that is busy is asked again when it says so", async () => {
  let asked = 0;
  const config = () => {
    if (++asked === 2) throw retryLater(2);
    return [{ key: "spark.app.name", value: "birdsong" }];
  };
  await withClient({ rows: () => [], config }, async (client) => {
    assert.equal(await client.getConfig("spark.app.name"), "birdsong");
    assert.equal(asked, 3);
  });
});

Deno.test("token and headers go with every call, and no error shows the token", async () => {
  const seen: unknown[] = [];
  await withConnectServer({
    config(_request, metadata) {
      seen.push(...metadata.get("authorization"), ...metadata.get("x-team"));
      throw new Failure(status.UNAUTHENTICATED, "unknown token");
    },
  }, async (address) => {
    const connecting = SparkClient.connect(`${address}/;token=s3cret;x-team=birds`, { policy });
    await assert.rejects(connecting, (error) => {
      assert.match(String(error), /refuses this client \(unknown token\)/);
      assert.doesNotMatch(String(error), /s3cret/);
      return true;
    });
    assert.deepEqual(seen, ["Bearer s3cret", "birds"]);
  });
});

Deno.test("where no server answers, the error says how to start one", async () => {
  let free = "";
  await withConnectServer({}, (address) => {
    free = address;
    return Promise.resolve();
  });
  await assert.rejects(
    SparkClient.connect(free, { policy }),
    /no Spark Connect server answers at sc:\/\/127\.0\.0\.1:\d+ .*`deno task spark`/s,
  );
});
