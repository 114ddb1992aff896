import assert from "node:assert/strict";
import {
  backoffOf,
  defaultRetryPolicy,
  RetryAtOnce,
  retrying,
} from "../../../lib/spark/client/retry.ts";

Deno.test("pauses grow as those of Spark's clients do, with chance from two seconds on", () => {
  const pauses = [0, 1, 2, 3, 4, 5, 6, 14].map((retry) => backoffOf(defaultRetryPolicy, retry, 1));
  assert.deepEqual(pauses, [50, 200, 800, 3700, 13_300, 51_700, 60_500, 60_500]);
  assert.equal(backoffOf(defaultRetryPolicy, 3, 0), 3200);
});

Deno.test("with the default policy, a server may be away for ten minutes", () => {
  const { maxRetries } = defaultRetryPolicy;
  const all = Array.from(
    { length: maxRetries },
    (_, retry) => backoffOf(defaultRetryPolicy, retry, 0),
  );
  assert(all.reduce((sum, pause) => sum + pause, 0) >= 600_000);
});

Deno.test("an action that never succeeds is given up after the policy's retries", async () => {
  let calls = 0;
  const failing = () => {
    calls++;
    return Promise.reject(new RetryAtOnce());
  };
  await assert.rejects(retrying({ ...defaultRetryPolicy, maxRetries: 4 }, failing), RetryAtOnce);
  assert.equal(calls, 5);
});

Deno.test("an error of the program is thrown at once", async () => {
  let calls = 0;
  const failing = () => {
    calls++;
    return Promise.reject(new TypeError("mistake"));
  };
  await assert.rejects(retrying(defaultRetryPolicy, failing), /mistake/);
  assert.equal(calls, 1);
});
