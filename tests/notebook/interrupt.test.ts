import assert from "node:assert/strict";
import {
  interrupt,
  InterruptedError,
  interruptible,
  interruptSignal,
  onInterrupt,
} from "../../lib/notebook/interrupt.ts";

Deno.test("interruptible() gives the result, or throws when the stop button comes first", async () => {
  assert.equal(await interruptible(Promise.resolve(1)), 1);
  await assert.rejects(interruptible(Promise.reject(new Error("its own"))), /its own/);
  const waiting = interruptible(new Promise(() => {}));
  interrupt();
  await assert.rejects(waiting, InterruptedError);
  assert.equal(await interruptible(Promise.resolve(2)), 2);
});

Deno.test("interruptSignal() is renewed by each press", () => {
  const first = interruptSignal();
  interrupt();
  assert.equal(first.aborted, true);
  assert.ok(first.reason instanceof InterruptedError);
  assert.equal(interruptSignal().aborted, false);
});

Deno.test("onInterrupt() calls until it is removed, whatever other listeners do", () => {
  let calls = 0;
  const { error } = console;
  console.error = () => {};
  const removeBad = onInterrupt(() => {
    throw new Error("bad listener");
  });
  const remove = onInterrupt(() => calls++);
  try {
    interrupt();
    interrupt();
    remove();
    interrupt();
  } finally {
    removeBad();
    console.error = error;
  }
  assert.equal(calls, 2);
});
