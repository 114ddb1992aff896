import assert from "node:assert/strict";
import { status } from "@grpc/grpc-js";
import { SparkClient } from "../../lib/spark/client/spark_client.ts";
import type { ExecutePlanResponse } from "../../lib/spark/client/generated/spark/connect/base_pb.ts";
import { type Patience, SparkQuery } from "../../lib/spark/spark_query.ts";
import { answer, complete, sparkFailure } from "./client/answers.ts";
import { Failure, withConnectServer } from "./client/connect_server.ts";

const id = { id: "id", runId: "run" };
const policy = {
  maxRetries: 2,
  initialBackoff: 1,
  maxBackoff: 1,
  backoffMultiplier: 1,
  jitter: 0,
  minJitterThreshold: 1000,
};

/** What a server answers to a query's commands. */
interface Answers {
  /** Whether the query runs; may throw. */
  isActive(): boolean;
  stop?(): void;
  /** Ends when all that was there is processed. */
  processed?(): Promise<void>;
}

/** Runs an action with a query that has been started on a server. */
async function withQuery(
  { isActive, stop, processed }: Answers,
  action: (query: SparkQuery) => Promise<void>,
  patience: Patience = { lookMs: 60_000, stopMs: 60_000 },
): Promise<void> {
  const result = (resultType: object): ExecutePlanResponse[] => [
    answer("1", {
      case: "streamingQueryCommandResult",
      value: { queryId: id, resultType } as never,
    }),
    complete("2"),
  ];
  await withConnectServer({
    async *executePlan({ plan }) {
      assert(plan?.opType.case === "command");
      const { commandType } = plan.opType.value;
      if (commandType.case === "writeStreamOperationStart") {
        const value = { queryId: id, name: "gold_stream" };
        yield* [answer("1", { case: "writeStreamOperationStartResult", value }), complete("2")];
        return;
      }
      assert(commandType.case === "streamingQueryCommand");
      const { command } = commandType.value;
      if (command.case === "stop") stop?.();
      if (command.case === "processAllAvailable") await processed?.();
      if (command.case === "status") {
        const value = { statusMessage: "", isActive: isActive() };
        yield* result({ case: "status", value });
      } else if (command.case === "recentProgress") {
        yield* result({ case: "recentProgress", value: { recentProgressJson: [] } });
      } else yield* result({ case: "exception", value: {} });
    },
    // What failed has not begun.
    reattachExecute() {
      throw sparkFailure("[INVALID_HANDLE.OPERATION_NOT_FOUND] The handle is invalid.", {});
    },
  }, async (address) => {
    const client = await SparkClient.connect(address, { policy });
    const start = { commandType: { case: "writeStreamOperationStart" as const, value: {} } };
    const transform = { schema: {}, apply: () => "" };
    const query = await SparkQuery.start(client, start, "gold_stream", transform, patience);
    await action(query);
    await client.close();
  });
}

Deno.test("a look that fails while the server is away is repeated, however often it was tried", async () => {
  let looks = 0;
  await withQuery({
    isActive() {
      looks++;
      if (looks > 1 && looks < 6) throw new Failure(status.UNAVAILABLE, "connection refused");
      return looks < 7;
    },
  }, async (query) => {
    assert.equal(await query.awaitTermination(), true);
    assert.equal(query.exception, undefined);
  });
  assert.equal(looks, 7);
});

Deno.test("a query that cannot be looked at for long has ended, as far as can be told", async () => {
  const isActive = () => {
    throw new Failure(status.UNAVAILABLE, "connection refused");
  };
  await withQuery({ isActive }, async (query) => {
    await assert.rejects(query.awaitTermination(), /no Spark Connect server answers/);
    assert.equal(query.isActive, false);
  }, { lookMs: 1, stopMs: 60_000 });
});

Deno.test("a look that Spark refuses ends the query at once: the session is gone", async () => {
  let looks = 0;
  const isActive = () => {
    looks++;
    throw sparkFailure("[INVALID_HANDLE.SESSION_CHANGED] The handle is invalid.", {});
  };
  await withQuery({ isActive }, async (query) => {
    await assert.rejects(query.awaitTermination(), /does not know this session any more/);
  });
  assert.equal(looks, 1);
});

Deno.test("stop() waits for the query's end, and its reason is the query's error", async () => {
  let active = true;
  await withQuery({ isActive: () => active, stop: () => active = false }, async (query) => {
    const reason = new Error("a later stage failed");
    await query.stop(reason);
    assert.deepEqual([query.isActive, query.exception], [false, reason]);
    // Of a query that has ended, there is nothing to stop.
    await query.stop();
    assert.equal(query.exception, reason);
  });
});

Deno.test("stop() gives up on a server that does not answer, and says so", async () => {
  let away = false;
  const answering = () => {
    if (away) throw new Failure(status.UNAVAILABLE, "connection refused");
    return true;
  };
  await withQuery({ isActive: answering, stop: answering }, async (query) => {
    away = true;
    await assert.rejects(query.stop(), /no Spark Connect server answers/);
    assert.equal(query.isActive, false);
    await assert.rejects(query.awaitTermination(), /no Spark Connect server answers/);
  });
});

Deno.test("stop() gives up on a query that does not end, and says so", async () => {
  await withQuery({ isActive: () => true }, async (query) => {
    await assert.rejects(query.stop(), /gold_stream was told to stop, but has not ended in 0\.3 s/);
    assert.equal(query.isActive, false);
  }, { lookMs: 60_000, stopMs: 300 });
});

Deno.test("there is data until all that was there when asked is processed; then it is asked anew", async () => {
  let asked = 0;
  let end!: () => void;
  let processing = new Promise<void>((resolve) => end = resolve);
  let active = true;
  await withQuery({
    isActive: () => active,
    stop: () => active = false,
    processed: () => {
      asked++;
      return processing;
    },
  }, async (query) => {
    assert.equal(await query.isDataAvailable(), true);
    assert.equal(await query.isDataAvailable(), true);
    assert.equal(asked, 1, "one question for the same data");
    end();
    while (await query.isDataAvailable());
    assert.equal(asked, 1);
    processing = new Promise((resolve) => end = resolve);
    assert.equal(await query.isDataAvailable(), true);
    assert.equal(asked, 2);
    end();
    await query.stop();
    assert.equal(await query.isDataAvailable(), false, "of a query that has ended");
  });
});
