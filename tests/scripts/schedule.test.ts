import assert from "node:assert/strict";
import { runOnSchedule } from "../../scripts/daily/schedule.ts";

const everySecond = "* * * * * *";

Deno.test("runOnSchedule() skips the times that come while the action runs, and says so", async () => {
  const end = new AbortController();
  const lines: string[] = [];
  let runs = 0;
  let goOn = () => {};
  await runOnSchedule(everySecond, async () => {
    runs++;
    // The first run lasts until two times have been skipped; the second one is the last.
    if (runs === 1) await new Promise<void>((resolve) => goOn = resolve);
    else end.abort();
  }, {
    signal: end.signal,
    log(line) {
      lines.push(line);
      if (lines.filter((line) => line.startsWith("skipped")).length === 2) goOn();
    },
  });
  assert.equal(runs, 2);
  assert.deepEqual(lines.map((line) => line.replace(/: .*/, "")), [
    "next run",
    "skipped a run",
    "skipped a run",
    "next run",
  ]);
});

Deno.test("runOnSchedule() waits for the action that runs when it is ended", async () => {
  const end = new AbortController();
  let ended = false;
  await runOnSchedule(everySecond, async () => {
    end.abort();
    await new Promise((resolve) => setTimeout(resolve, 20));
    ended = true;
  }, { signal: end.signal, log: () => {} });
  assert.ok(ended);
});

Deno.test("runOnSchedule() does nothing when it has been ended before", async () => {
  await runOnSchedule("0 6 * * *", () => Promise.reject(new Error("must not run")), {
    signal: AbortSignal.abort(),
    log: () => {},
  });
});

Deno.test("runOnSchedule() ends with the error of its action", async () => {
  const signal = new AbortController().signal;
  await assert.rejects(
    runOnSchedule(everySecond, () => Promise.reject(new TypeError("mistake")), {
      signal,
      log: () => {},
    }),
    { message: "mistake" },
  );
});
